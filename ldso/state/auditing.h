/* auditing.h: what auditors (rtld-audit(7)) are told of and asked, as the folders below audit/ do it.
 *
 * It is implemented by audit/.  ld->auditing is NULL if there is no auditor: nothing is told then, and
 * nothing but that pointer is looked at.  Auditors and what they need lie in namespaces of their own
 * (struct namespace, `auditing`), of which no auditor is told.
 */
#ifndef AUDITING_H
#define AUDITING_H

#include "state/loader.h"

struct def;

/* From where a name of la_objsearch() is: LA_SER_... of <link.h>. */
enum audit_stage {
	AUDIT_NO_STAGE = 0, /* a path: only the name as it was asked for is told */
	AUDIT_ASKED = 1,    /* LA_SER_ORIG */
	AUDIT_LIBPATH = 2,
	AUDIT_RUNPATH = 4, /* RPATH as well */
	AUDIT_CONFIG = 8,  /* ld.so.cache */
	AUDIT_DEFAULT = 0x40,
};

/* LA_ACT_... of <link.h>. */
enum audit_activity { AUDIT_CONSISTENT, AUDIT_ADD, AUDIT_DELETE };

struct auditing {
	/* What the PLT of an audited object jumps to, in the place of arch_plt_resolver. */
	uintptr_t plt_resolver;
	/* Each call through a lazy slot is told of, so that slots keep leading to the resolver. */
	bool watches_calls;

	/* The name to take in the place of `name`, which `by` needs (NULL: the program); NULL: none,
	 * the file counts as absent. */
	const char *(*search)(
		struct loader *ld, const char *name, struct dso *by, enum audit_stage stage);
	/* d has joined the load order.  -1: no memory to audit it (reported). */
	int (*opened)(struct loader *ld, struct dso *d);
	/* d's destructors have run. */
	void (*closing)(struct loader *ld, struct dso *d);
	/* A change of ns begins or has ended.  AUDIT_ADD is told by opened(). */
	void (*activity)(struct loader *ld, struct namespace *ns, enum audit_activity what);
	/* The program is about to be entered. */
	void (*preinit)(struct loader *ld);
	/* dlsym, called by code of `from`, has found `address`: what to return. */
	uintptr_t (*found)(
		struct loader *ld, struct dso *from, const struct def *def, uintptr_t address);
	/* d is relocated, and not yet read-only: its slots that are not lazy are bound. */
	void (*bound)(struct loader *ld, struct dso *d);
};

/* Whether auditors are told of d. */
static inline bool auditing_tells(const struct loader *ld, const struct dso *d)
{
	return ld->auditing && !d->ns->auditing;
}

/* Whether auditors are told of each call through d's PLT. */
static inline bool auditing_watches(const struct loader *ld, const struct dso *d)
{
	return auditing_tells(ld, d) && ld->auditing->watches_calls;
}

#endif

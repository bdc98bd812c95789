/* auditor.h: the auditors and what they know of an object, shared by the files of this folder. */
#ifndef AUDITOR_H
#define AUDITOR_H

#include "state/auditing.h"
#include "symbol/symbol.h"

/* glibc has 16 namespaces, of which one is the program's. */
#define AUDITORS 15

/* LA_SYMB_... of <link.h>: what is told of a binding, or asked for it. */
enum {
	SYMB_NO_ENTER = 1, /* the auditor is not to be told of calls ... */
	SYMB_NO_EXIT = 2,  /* ... and of their returns */
	SYMB_DLSYM = 8,
	SYMB_CHANGED = 16, /* an auditor has given another address */
};

/* LA_FLG_... of <link.h>: what la_objopen() answers. */
enum { BIND_TO = 1, BIND_FROM = 2 };

/* The functions of one auditor (rtld-audit(7)); each may be NULL. */
struct auditor {
	void (*activity)(uintptr_t *cookie, unsigned what);
	char *(*objsearch)(const char *name, uintptr_t *cookie, unsigned stage);
	unsigned (*objopen)(struct link_map *map, long lmid, uintptr_t *cookie);
	void (*preinit)(uintptr_t *cookie);
	uintptr_t (*symbind)(Elf_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
		unsigned *flags, const char *name);
	uintptr_t (*pltenter)(Elf_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
		void *registers, unsigned *flags, const char *name, long *frame);
	unsigned (*pltexit)(Elf_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
		const void *registers, void *results, const char *name);
	unsigned (*objclose)(uintptr_t *cookie);
};

extern struct auditors {
	struct auditor list[AUDITORS];
	unsigned count;
} auditors;

/* A PLT slot that is bound. */
struct call {
	bool ready; /* the rest is valid; set last */
	uintptr_t to;
	struct def def;
	unsigned flags;   /* what the auditors have left in *flags */
	uint32_t unasked; /* SYMB_NO_... of auditor i from bit 2 * i on */
};

/* An object that auditors are told of. */
struct audited {
	struct {
		uintptr_t cookie;
		unsigned flags; /* of BIND_... */
	} by[AUDITORS];
	size_t ncalls;
	struct call calls[]; /* by PLT slot */
};

/* Of struct auditing. */
const char *audit_search(
	struct loader *ld, const char *name, struct dso *by, enum audit_stage stage);
int audit_opened(struct loader *ld, struct dso *d);
void audit_closing(struct loader *ld, struct dso *d);
void audit_activity(struct loader *ld, struct namespace *ns, enum audit_activity what);
void audit_preinit(struct loader *ld);
uintptr_t audit_found(
	struct loader *ld, struct dso *from, const struct def *def, uintptr_t address);
void audit_bound(struct loader *ld, struct dso *d);

/* Tells that slot *call of `from` is bound to call->def, at call->to, which auditors may change. */
void audit_bind_call(struct loader *ld, struct dso *from, struct call *call);

/* The symbol table entry that auditors are shown: its value is the address. */
static inline Elf_Sym audit_symbol(const struct def *def, uintptr_t address)
{
	Elf_Sym sym = *def->sym;

	sym.st_value = address;
	return sym;
}

static inline unsigned audit_index(const struct def *def)
{
	return (unsigned)(def->sym - def->dso->symtab.sym);
}

static inline const char *audit_name(const struct def *def)
{
	return def->dso->symtab.str + def->sym->st_name;
}

#endif

/* dlopen.c: dlopen and dlmopen.  A call is a transaction: it commits, or changes nothing.
 *
 * Only this file rolls back.  A failed dlopen may leave entries in the cache of directories.
 * Constructors run without the lock.
 */
#include "dl/dl.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "dl/namespace.h"
#include "init/init.h"
#include "load/load.h"
#include "load/map.h"
#include "load/unload.h"
#include "object/debugger.h"
#include "object/isa_note.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "object/version.h"
#include "reloc/reloc.h"
#include "search/search.h"
#include "state/auditing.h"
#include "state/libc.h"
#include "state/words.h"
#include "tls/tls.h"

/* The state to roll back to. */
struct transaction {
	struct namespace *ns;
	struct dso *last;
	size_t globals;
	bool mapped; /* the debugger knows the new objects */
};

static void tell_rolled_back(struct loader *ld, const struct transaction *t)
{
	for (struct dso *d = dso_next(t->last); d; d = dso_next(d))
		if (auditing_tells(ld, d))
			ld->auditing->closing(ld, d);
	ld->auditing->activity(ld, t->ns, AUDIT_DELETE);
}

static void roll_back(struct loader *ld, const struct transaction *t)
{
	struct scope *g = &t->ns->global;
	bool added = ld->last != t->last;

	if (added && ld->auditing)
		tell_rolled_back(ld, t);
	if (added && t->mapped)
		debugger_unmapping(t->ns);
	for (size_t i = t->globals; i < g->count; i++)
		g->list[i]->state->global = false;
	scope_cut(g, t->globals);
	while (ld->last != t->last) {
		struct dso *d = ld->last;

		tls_remove(ld, d);
		unload_object(ld, d);
	}
	unload_dead(ld);
	if (added)
		(t->mapped ? debugger_unmapped : debugger_map_failed)(t->ns);
	if (added && ld->auditing)
		ld->auditing->activity(ld, t->ns, AUDIT_CONSISTENT);
	namespace_free_empty(ld);
}

/* Checks d's flags that may forbid to open it, and its request for executable stacks. */
static int check_flags(struct loader *ld, const struct dso *d)
{
	if (d->flags_1 & DF_1_NOOPEN)
		return fail_unfit(ld, words_asked(d), d->path, "shared object cannot be dlopen()ed",
			"DF_1_NOOPEN");
	if (d->stack_prot & VM_X && ld->abi->need_exec_stack)
		return ld->abi->need_exec_stack(ld, d);
	return 0;
}

static int check_all(struct loader *ld, struct dso *from)
{
	int r = 0;

	for (struct dso *d = from; d; d = dso_next(d))
		if ((ld->abi->match_versions && version_check(ld, d) < 0) ||
			isa_note_check(ld, d) < 0 || check_flags(ld, d) < 0)
			r = -1;
	return r;
}

static int relocate_all(
	struct loader *ld, struct dso *root, struct dso *before, enum binding binding)
{
	struct scope *scope = root->state->global ? &root->ns->global : &root->state->scope;
	struct reloc_work work;
	enum bound all;

	reloc_begin(&work);
	cache_dlopen_begin(ld, before, binding);
	all = reloc_objects(ld, before, binding, scope, &work);
	cache_dlopen_end(ld, all);
	if (work.copies.first)
		return fail(ld, "%s: COPY relocation: only a program may have one",
			dso_next(before)->path);
	if (all != BOUND)
		return -1;
	for (struct dso *d = dso_next(before); d; d = dso_next(d))
		if (init_check(ld, d) < 0)
			return -1;
	if (reloc_ifuncs(ld, &work) < 0)
		return -1;
	for (struct dso *d = ld->auditing ? ld->last : before; d != before; d = d->state->prev)
		ld->auditing->bound(ld, d);
	for (struct dso *d = dso_next(before); d; d = dso_next(d))
		if (tls_start_module(ld, d) < 0 || map_protect_relro(ld, d) < 0)
			return -1;
	return 0;
}

/* Whether d joins the global scope.  The first object of a namespace has the role of the program:
 * its scope is the global one. */
static bool joins_global(const struct dso *root, const struct dso *d, int mode)
{
	return mode & RTLD_GLOBAL || d->flags_1 & DF_1_GLOBAL ||
	       (root->ns->id && !root->ns->global.count);
}

static int add_to_global(struct loader *ld, struct dso *root, int mode)
{
	bool all = joins_global(root, root, mode);

	for (size_t i = 0; i < root->state->scope.count; i++)
		if ((all || joins_global(root, root->state->scope.list[i], mode)) &&
			scope_join_global(ld, root->ns, root->state->scope.list[i]) < 0)
			return -1;
	return 0;
}

/* Loads what the new objects need, and tells the debugger of all. */
static int load_all(struct loader *ld, struct dso *root, struct transaction *t)
{
	struct dso *first = dso_next(t->last);
	bool told = !root->state->scope.count; /* ld.so: even if nothing was added */

	if (first)
		debugger_mapping(t->ns);
	if (load_needed(ld, first) < 0)
		return -1;
	first = dso_next(t->last);
	if (check_all(ld, first) < 0 || scope_make(ld, root) < 0)
		return -1;
	if (ld->auditing && told && !ld->version_rules.audits_whole_change)
		ld->auditing->activity(ld, t->ns, AUDIT_CONSISTENT);
	if (first)
		debugger_mapped(root);
	t->mapped = true;
	return 0;
}

/* Loads what the new objects need and relocates them. */
static int link_opened(struct loader *ld, struct dso *root, struct transaction *t, int mode)
{
	enum binding binding = mode & RTLD_NOW || ld->config.bind_now ? BIND_NOW : BIND_LAZY;
	struct dso *before = t->last;

	if (load_all(ld, root, t) < 0)
		return -1;
	for (struct dso *d = dso_next(before); d; d = dso_next(d)) {
		d->root = root;
		d->deepbind = mode & RTLD_DEEPBIND;
		d->state->nodelete = d->flags_1 & DF_1_NODELETE;
	}
	if (add_to_global(ld, root, mode) < 0 || relocate_all(ld, root, before, binding) < 0)
		return -1;
	for (struct dso *d = dso_next(before); d; d = dso_next(d))
		if (ld->abi->ready && ld->abi->ready(ld, d) < 0)
			return -1;
	if (root->root && !root->state->opens && scope_extend(ld, root) < 0)
		return -1;
	if (dso_next(before))
		debugger_relocated(root);
	if (ld->diag.debug & DEBUG_SCOPES)
		for (struct dso *d = dso_next(before); d; d = dso_next(d))
			scope_tell(ld, d);
	return 0;
}

static struct dso *load(
	struct loader *ld, struct namespace *ns, const char *name, int mode, struct dso *by)
{
	struct dso *d;

	if (!(mode & RTLD_NOLOAD))
		return load_object(ld, ns, name, by, LOAD_OPENED);
	d = load_find(ld, ns, name, by);
	if (!d && ld->abi->noload_fails)
		fail(ld, "%s%s%s", ld->abi->words->noload[0], name, ld->abi->words->noload[1]);
	return d;
}

static struct dso *open_object(
	struct loader *ld, struct namespace *ns, const char *name, int mode, struct dso *by)
{
	struct transaction t = {.ns = ns, .last = ld->last, .globals = ns->global.count};
	struct dso *d = load(ld, ns, name, mode, by);
	bool linked;

	/* The caller had a part in the search alone. */
	if (d && ld->last != t.last)
		d->needed_by = ld->abi->rpath_is_runpath ? ld->program : NULL;
	linked = d && link_opened(ld, d, &t, mode) == 0;
	if (ld->auditing && ns->activity == AUDIT_ADD && ld->version_rules.audits_whole_change)
		ld->auditing->activity(ld, ns, AUDIT_CONSISTENT);
	if (linked) {
		d->state->opens++;
		d->state->nodelete |= (mode & RTLD_NODELETE) != 0;
	} else {
		d = NULL;
		roll_back(ld, &t);
	}
	search_end(ld);
	return d;
}

static struct dso *open_for(
	struct loader *ld, long lmid, const char *name, int mode, uintptr_t caller)
{
	struct dso *by = dso_of_address(ld, caller);
	struct namespace *ns = by ? by->ns : &ld->base;

	if (ld->phase == PHASE_EXITING && !ld->abi->unloads) {
		fail(ld, "%s: cannot be opened while the program exits", name);
		return NULL;
	}
	if (lmid != LM_ID_CALLER)
		ns = namespace_find(ld, lmid);
	if (!by || by->kind == DSO_SELF)
		by = ld->program;
	return ns ? open_object(ld, ns, name, mode, by) : NULL;
}

struct dso *dl_open_auditor(struct loader *ld, const char *name)
{
	struct namespace *ns = namespace_find(ld, LM_ID_NEWLM);
	struct dso *d;

	if (!ns)
		return NULL;
	ns->auditing = true;
	d = open_object(ld, ns, name, RTLD_LAZY, ld->program);
	return d && init_run(ld, d) == 0 ? d : NULL;
}

void *dl_open(long lmid, const char *name, int mode, uintptr_t caller)
{
	struct loader *ld = &loader;
	bool is_nested = loader_is_locked(ld);
	const struct dso *last;
	struct arena_mark mark;
	struct dso *d;

	if (ld->abi->before_dlopen)
		ld->abi->before_dlopen(ld);
	mark = dl_enter(ld);
	last = ld->last;
	if (!name || !*name)
		d = ld->program;
	else
		d = dl_may_change(ld, "dlopen") < 0 ? NULL : open_for(ld, lmid, name, mode, caller);
	/* Constructors may call the loader, and other threads may take the lock meanwhile: the
	 * scratch arena has to be released before. */
	if (d)
		arena_release(&ld->scratch, mark);
	/* An auditor that is told of an object while a dlopen loads it may open it as well: its
	 * constructors then are still that dlopen's to run. */
	if (d && d != ld->program && !(is_nested && ld->last == last) && init_run(ld, d) < 0)
		d = NULL;
	if (d && name && *name)
		debug(ld, DEBUG_FILES, "opening file=%s [%ld]; direct_opencount=%u\n", d->path,
			d->ns->id, d->state->opens);
	dl_leave(ld, mark, !d && ld->diag.count ? DL_FAILED : DL_OK);
	return d ? d->map : NULL;
}

void *api_dlopen(const char *name, int mode)
{
	return dl_open(LM_ID_CALLER, name, mode, (uintptr_t)__builtin_return_address(0));
}

EXPORT(dlopen);

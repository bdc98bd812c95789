/* dlopen.c: dlopen, dlmopen and dlclose.  dlopen is a transaction: it commits, or everything is as
 * it was.
 *
 * The only place that rolls back.  What a failed dlopen may leave: directories that were looked at.
 * Constructors and destructors run without the lock.  dlclose gives back what nobody can reach any
 * more: a walk from all that is in use, so that cycles are no exception.
 */
#include "dl/dl.h"
#include "load/load.h"
#include "object/dynamic.h"
#include "init/init.h"
#include "load/map.h"
#include "base/mem.h"
#include "object/debugger.h"
#include "reloc/reloc.h"
#include "cache/dlopen_cache.h"
#include "symbol/bloom.h"
#include "base/sys.h"
#include "tls/tls.h"
#include "state/libc.h"

/* Room for dlerror's text, so that the next one most likely needs no other. */
#define LEAST_ERROR ((size_t)400)

/* ---- A call ---- */

struct arena_mark dl_enter(struct loader *ld)
{
	loader_lock(ld);
	return arena_mark(&ld->scratch);
}

static bool grow_error(struct loader *ld, struct tls_thread *t, size_t n)
{
	if (n < LEAST_ERROR)
		n = LEAST_ERROR;
	loader_block_signals(ld);
	if (!t->error && !t->dtv && ld->abi->watch_thread)
		ld->abi->watch_thread(ld, t);
	heap_free(&ld->heap, t->error);
	t->error = heap_alloc(&ld->heap, n, 0, 0);
	t->error_room = t->error ? n : 0;
	return t->error;
}

/* Moves what fail() kept to the calling thread's text for dlerror. */
static void keep_error(struct loader *ld)
{
	struct tls_thread *t = tls_self(ld);
	size_t n = diag_text(&ld->diag, t->error, t->error_room) + 1;

	if (n > t->error_room && grow_error(ld, t, n))
		diag_text(&ld->diag, t->error, n);
	t->error_set = true;
	diag_clear(&ld->diag);
}

void dl_leave(struct loader *ld, struct arena_mark mark, bool failed)
{
	if (failed)
		keep_error(ld);
	else if (ld->abi->calls_clear_error)
		tls_self(ld)->error_set = false;
	arena_release(&ld->scratch, mark);
	loader_unlock(ld);
}

char *api_dlerror(void)
{
	static char no_memory[] = "out of memory";
	struct tls_thread *t = tls_self(&loader);

	if (!t->error_set)
		return NULL;
	t->error_set = false;
	return t->error ? t->error : no_memory;
}

struct dso *dl_object(struct loader *ld, void *handle)
{
	if (handle == ld->program->map)
		return ld->program;
	/* What is asked for was mostly opened lately. */
	for (struct dso *d = ld->last; d; d = d->state->prev)
		if (d->map == handle && !d->state->closing)
			return d;
	fail(ld, "invalid handle %p: no object that dlopen returned", handle);
	return NULL;
}

/* ---- Namespaces ---- */

static struct namespace *new_namespace(struct loader *ld)
{
	struct namespace *ns, *last = &ld->base;

	loader_block_signals(ld);
	ns = heap_alloc(&ld->heap, sizeof *ns, 0, 0);
	if (!ns) {
		fail(ld, "dlmopen: no memory for a namespace");
		return NULL;
	}
	while (last->next)
		last = last->next;
	ns->id = last->id + 1;
	last->next = ns;
	return ns;
}

static struct namespace *find_namespace(struct loader *ld, long id)
{
	if (id == LM_ID_NEWLM)
		return new_namespace(ld);
	for (struct namespace *ns = &ld->base; ns; ns = ns->next)
		if (ns->id == id)
			return ns;
	fail(ld, "dlmopen: %ld: no such namespace", id);
	return NULL;
}

/* A namespace lasts as long as it has objects. */
static void free_empty_namespaces(struct loader *ld)
{
	for (struct namespace **at = &ld->base.next, *ns; (ns = *at);) {
		struct dso *d = ld->first;

		while (d && d->ns != ns)
			d = dso_next(d);
		if (d) {
			at = &ns->next;
			continue;
		}
		*at = ns->next;
		heap_free(&ld->heap, ns->global.list);
		bloom_free(ld, &ns->global);
		heap_free(&ld->heap, ns->uniques);
		heap_free(&ld->heap, ns);
	}
}

/* ---- dlopen ---- */

/* The state to go back to. */
struct transaction {
	struct namespace *ns;
	struct dso *last;
	size_t globals;
};

/* An object that is out of every list: dl_bury_dead() is to follow. */
static void die(struct loader *ld, struct dso *d)
{
	d->state->reach_next = ld->dead;
	__atomic_store_n(&ld->dead, d, __ATOMIC_RELAXED);
}

/* All that are dead at once, or none of them while somebody in dl_iterate_phdr may still look at
 * one: who comes in later does not find them. */
void dl_bury_dead(struct loader *ld)
{
	struct dso *d = ld->dead;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&ld->readers, __ATOMIC_ACQUIRE))
		return;
	__atomic_store_n(&ld->dead, NULL, __ATOMIC_RELAXED);
	for (struct dso *next; d; d = next) {
		next = d->state->reach_next;
		deps_forget(ld, d);
	}
}

static void roll_back(struct loader *ld, const struct transaction *t)
{
	struct scope *g = &t->ns->global;

	loader_block_signals(ld);
	for (size_t i = t->globals; i < g->count; i++)
		g->list[i]->state->global = false;
	g->count = t->globals;
	bloom_cut(g, g->count);
	while (ld->last != t->last) {
		struct dso *d = ld->last;

		tls_remove(ld, d);
		deps_remove(ld, d);
		die(ld, d);
	}
	dl_bury_dead(ld);
	free_empty_namespaces(ld);
}

/* What a library says of itself that concerns those that open it. */
static int check_flags(struct loader *ld, const struct dso *d)
{
	if (d->flags_1 & DF_1_NOOPEN)
		return fail(ld, "%s: shared object cannot be dlopen()ed (DF_1_NOOPEN)", d->path);
	if (d->flags_1 & DF_1_PIE)
		return fail(
			ld, "%s: cannot dynamically load position-independent executable", d->path);
	if (d->stack_prot & VM_X && ld->abi->need_exec_stack)
		return ld->abi->need_exec_stack(ld, d);
	return 0;
}

static int check_all(struct loader *ld, struct dso *from)
{
	int r = 0;

	for (struct dso *d = from; d; d = dso_next(d))
		if ((ld->abi->match_versions && version_check(ld, d) < 0) || check_flags(ld, d) < 0)
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
	reopen_begin(ld, before, binding);
	all = reloc_objects(ld, before, binding, reopen_follows(ld) ? NULL : scope, &work);
	reopen_end(ld, all == BOUND);
	if (work.copies.first)
		return fail(ld, "%s: COPY relocation: only a program may have one",
			dso_next(before)->path);
	if (all != BOUND)
		return -1;
	for (struct dso *d = dso_next(before); d; d = dso_next(d))
		if (init_check(ld, d) < 0)
			return -1;
	reloc_ifuncs(ld, &work);
	for (struct dso *d = dso_next(before); d; d = dso_next(d))
		if (tls_start_module(ld, d) < 0 || map_protect_relro(ld, d) < 0)
			return -1;
	return 0;
}

/* The first object of a namespace takes the program's part there: its scope is the global one. */
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
			deps_make_global(ld, root->ns, root->state->scope.list[i]) < 0)
			return -1;
	return 0;
}

static int bring_in(struct loader *ld, struct dso *root, struct dso *before, int mode)
{
	enum binding binding = mode & RTLD_NOW || ld->config.bind_now ? BIND_NOW : BIND_LAZY;

	if (deps_load_all(ld, dso_next(before)) < 0 || check_all(ld, dso_next(before)) < 0 ||
		deps_make_scope(ld, root) < 0)
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
	return 0;
}

static struct dso *load(
	struct loader *ld, struct namespace *ns, const char *name, int mode, struct dso *by)
{
	struct dso *d;

	if (!(mode & RTLD_NOLOAD))
		return deps_load(ld, ns, name, by);
	d = deps_find(ld, ns, name, by);
	if (!d && ld->abi->noload_fails)
		fail(ld, "%s: not loaded", name);
	return d;
}

static struct dso *open_object(
	struct loader *ld, struct namespace *ns, const char *name, int mode, struct dso *by)
{
	struct transaction t = {ns, ld->last, ns->global.count};
	struct dso *d = load(ld, ns, name, mode, by);
	bool added = ld->last != t.last;

	if (added)
		debugger_state(RT_ADD);
	if (d && bring_in(ld, d, t.last, mode) == 0) {
		d->state->opens++;
		d->state->nodelete |= (mode & RTLD_NODELETE) != 0;
	} else {
		d = NULL;
		roll_back(ld, &t);
	}
	if (added)
		debugger_state(RT_CONSISTENT);
	return d;
}

static struct dso *open_for(
	struct loader *ld, long lmid, const char *name, int mode, uintptr_t caller)
{
	struct dso *by = dso_of_address(ld, caller);
	struct namespace *ns = by ? by->ns : &ld->base;

	if (ld->exiting && !ld->abi->unloads) {
		fail(ld, "%s: cannot be opened while the program exits", name);
		return NULL;
	}
	if (lmid != LM_ID_CALLER)
		ns = find_namespace(ld, lmid);
	if (!by || by->kind == DSO_SELF)
		by = ld->program;
	return ns ? open_object(ld, ns, name, mode, by) : NULL;
}

void *dl_open(long lmid, const char *name, int mode, uintptr_t caller)
{
	struct loader *ld = &loader;
	struct arena_mark mark;
	struct dso *d;

	if (ld->abi->before_dlopen)
		ld->abi->before_dlopen(ld);
	mark = dl_enter(ld);
	if (name && *name)
		d = open_for(ld, lmid, name, mode, caller);
	else
		d = ld->program;
	/* Constructors may call back, and let other threads in: by then the scratch arena is as it
	 * was. */
	if (d)
		arena_release(&ld->scratch, mark);
	if (d && d != ld->program && init_run(ld, d) < 0)
		d = NULL;
	dl_leave(ld, mark, !d && ld->diag.count);
	return d ? d->map : NULL;
}

void *api_dlopen(const char *name, int mode)
{
	return dl_open(LM_ID_CALLER, name, mode, (uintptr_t)__builtin_return_address(0));
}

/* ---- dlclose ---- */

/* Whether d stays whoever closes what: objects of start-up have no root. */
static bool is_held(const struct loader *ld, const struct dso *d)
{
	return !d->root || d->state->opens || d->state->nodelete || d->state->closing ||
	       d->state->init_state == INIT_RUNNING || (ld->abi->is_held && ld->abi->is_held(d));
}

static void reach_opened(struct walk *w, struct dso *d)
{
	if (d->root)
		deps_reach(w, d);
}

/* Sees what is in use of what was opened: what is held, what that needs, what that is bound to.
 * Objects of start-up need none that was opened, and what they are bound to is never unloaded. */
static struct walk see_used(struct loader *ld)
{
	struct walk w = deps_walk(ld);

	for (struct dso *d = deps_opened(ld); d; d = dso_next(d))
		if (is_held(ld, d))
			deps_reach(&w, d);
	for (struct dso *d = w.first; d; d = d->state->reach_next) {
		for (size_t i = 0; i < d->ndeps; i++)
			reach_opened(&w, d->deps[i]);
		for (size_t i = 0; i < d->state->nbound; i++)
			reach_opened(&w, d->state->bound[i]);
	}
	return w;
}

static void leave_global(struct loader *ld, struct dso *d)
{
	struct scope *g = &d->ns->global;
	size_t n = 0;

	if (!d->state->global)
		return;
	loader_block_signals(ld);
	for (size_t i = 0; i < g->count; i++)
		if (g->list[i] != d)
			g->list[n++] = g->list[i];
		else
			bloom_cut(g, n);
	g->count = n;
	d->state->global = false;
}

/* The others are closing from now on: no name and no scope but their own leads to them. */
static size_t collect(struct loader *ld)
{
	struct walk used = see_used(ld);
	size_t n = 0;

	for (struct dso *d = deps_opened(ld); d; d = dso_next(d))
		if (!deps_seen(&used, d)) {
			n++;
			leave_global(ld, d);
			d->state->closing = d->state->collected = true;
		}
	return n;
}

/* Another root's scope for what was first opened as part of one that has gone. */
static void find_root(struct loader *ld, struct dso *d)
{
	d->root = d;
	for (struct dso *x = deps_opened(ld); x; x = dso_next(x))
		for (size_t i = 0; x->state->opens && i < x->state->scope.count; i++)
			if (x->state->scope.list[i] == d)
				d->root = x;
	deps_make_scope(ld, d->root);
}

static void unload(struct loader *ld)
{
	struct dso *next;

	loader_block_signals(ld);
	for (struct dso *d = deps_opened(ld); d; d = dso_next(d))
		if (d->root && d->root->state->collected && !d->state->closing)
			find_root(ld, d);
	debugger_state(RT_DELETE);
	for (struct dso *d = deps_opened(ld); d; d = next) {
		next = dso_next(d);
		if (!d->state->collected)
			continue;
		debug(ld, DEBUG_FILES, "file=%s;  destroying link map", d->path);
		tls_remove(ld, d);
		deps_remove(ld, d);
		die(ld, d);
	}
	dl_bury_dead(ld);
	debugger_state(RT_CONSISTENT);
	free_empty_namespaces(ld);
}

/* One collection at a time: what a destructor closes waits for the next one, another thread waits
 * for its turn. */
static void close_unused(struct loader *ld)
{
	if (ld->closing && ld->closer == loader_thread(ld)) {
		ld->close_again = true;
		return;
	}
	while (ld->closing)
		init_wait(ld);
	ld->closing = true;
	ld->closer = loader_thread(ld);
	do {
		ld->close_again = false;
		if (collect(ld)) {
			init_fini_closing(ld);
			unload(ld);
		}
	} while (ld->close_again);
	ld->closing = false;
	init_wake(ld);
}

static int close_object(struct loader *ld, struct dso *d)
{
	if (!ld->abi->unloads || !d->root)
		return 0;
	if (!d->state->opens)
		return fail(ld, "%s: shared object not open", d->path);
	d->state->opens--;
	if (!d->state->opens && !ld->exiting)
		close_unused(ld);
	return 0;
}

int dl_close(void *handle)
{
	struct loader *ld = &loader;
	struct arena_mark mark = dl_enter(ld);
	struct dso *d = dl_object(ld, handle);
	int r = d ? close_object(ld, d) : -1;

	dl_leave(ld, mark, r < 0);
	return r;
}

int api_dlclose(void *handle)
{
	return dl_close(handle) < 0 ? 1 : 0;
}

/* ---- fork ---- */

static bool needs_closing(const struct dso *d)
{
	for (size_t i = 0; i < d->ndeps; i++)
		if (d->deps[i]->state->closing)
			return true;
	return false;
}

/* A library whose constructors another thread had not finished is not to be had, nor what needs it:
 * whoever opens them gets fresh copies. */
static void give_up_unfinished(struct loader *ld, uintptr_t me)
{
	bool again = true;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->state->init_state == INIT_RUNNING && d->state->init_thread != me) {
			d->state->init_state = INIT_DONE;
			d->state->closing = d->root;
			leave_global(ld, d);
		}
	while (again) {
		again = false;
		for (struct dso *d = ld->first; d; d = dso_next(d))
			if (d->root && !d->state->closing && needs_closing(d)) {
				d->state->closing = again = true;
				leave_global(ld, d);
			}
	}
}

/* What other threads were closing, or about to, is not for a dlclose of this one. */
static void keep_unused(struct loader *ld, uintptr_t me)
{
	bool own = ld->closing && ld->closer == me;
	struct walk used;

	ld->closing = own;
	used = see_used(ld);
	for (struct dso *d = deps_opened(ld); d; d = dso_next(d)) {
		d->state->nodelete |= !deps_seen(&used, d);
		d->state->collected &= own;
	}
}

void dl_after_fork_in_child(struct loader *ld)
{
	uintptr_t me = loader_thread(ld);

	if (ld->forker == me) {
		vm_forked(&ld->vm);
		give_up_unfinished(ld, me);
		keep_unused(ld, me);
		ld->init_waiters = 0;
		if (ld->callbacks.owner != me) {
			ld->callbacks = (struct lock){0};
			/* There was one reader at a time, and that is not this thread. */
			if (ld->abi->serial_callbacks)
				ld->readers = 0;
		}
	}
	loader_after_fork(ld);
}

/* ---- Names for programs without a libc ---- */

EXPORT(dlopen);
EXPORT(dlclose);
EXPORT(dlerror);

/* init.c: constructors and destructors (gABI, "Initialization and Termination Functions").
 *
 * Constructors of dependencies run before those of the objects that need them.  Libcs differ in
 * where they break a cycle: musl walks the graph from the object that is opened; glibc (since 2.35)
 * starts at the last object loaded.  Both walk depth-first, and constructors run in the order in
 * which the walk leaves the objects.  Destructors run in the reverse order, which glibc computes
 * again from all loaded objects.
 */
#include "init/init.h"
#include "base/mem.h"
#include "base/sys.h"
#include "object/graph.h"
#include "state/libc.h"

/* The objects whose destructors are to run, along fini_next: the reverse of the constructors. */
static struct dso *fini_list;

/* A futex that counts finished constructors and dlcloses, and threads that wait for one. */
static int init_events;
static unsigned init_waiters;

typedef void function(int argc, char **argv, char **envp);

/* ---- The arrays ---- */

/* Entries of 0 and -1 are skipped: linkers and crt files end older tables with them. */
static bool is_function(uintptr_t f)
{
	return f && f != UINTPTR_MAX;
}

/* Checks that the array's entries are in executable memory; -1 (reported) if not. */
static int check_array(
	struct loader *ld, const struct dso *d, const char *tag, const struct table *t)
{
	const uintptr_t *f = (const uintptr_t *)t->addr;

	for (size_t i = 0; i < t->size / sizeof *f; i++) {
		const struct vm_area *a = is_function(f[i]) ? vm_lookup(&ld->vm, f[i]) : NULL;

		if (is_function(f[i]) && (!a || !(a->what.prot & VM_X)))
			return fail(ld, "%s: %s[%zu]: 0x%lx: not in executable memory", d->path,
				tag, i, f[i]);
	}
	return 0;
}

int init_check(struct loader *ld, const struct dso *d)
{
	if (!d->relocated)
		return 0; /* a libc that relocates itself */
	if (check_array(ld, d, "DT_PREINIT_ARRAY", &d->preinit_array) < 0 ||
		check_array(ld, d, "DT_INIT_ARRAY", &d->init_array) < 0)
		return -1;
	return check_array(ld, d, "DT_FINI_ARRAY", &d->fini_array);
}

int init_check_all(struct loader *ld)
{
	for (const struct dso *d = ld->first; d; d = dso_next(d))
		if (init_check(ld, d) < 0)
			return -1;
	return 0;
}

/* ---- The order ---- */

/* A depth-first walk, without recursion: a graph may be deeper than a stack. */
struct order {
	struct walk walk;
	struct dso *path;  /* the current object, and those that lead to it, along reach_next */
	struct dso **list; /* constructors: the objects that the walk has left, in order */
	size_t count;
	struct dso *finis; /* destructors: the same, last one first, along fini_next */
	bool closing;      /* destructors: only of the objects that dlclose found unused */
	struct dso *few[16];
};

static void enter(struct order *o, struct dso *d)
{
	d->state->seen = o->walk.number;
	d->state->next_dep = 0;
	d->state->reach_next = o->path;
	o->path = d;
}

/* The next object that d needs; for destructors also those that its symbols are bound to. */
static struct dso *next_edge(const struct order *o, struct dso *d)
{
	size_t i = d->state->next_dep++;

	if (i < d->ndeps)
		return d->deps[i];
	i -= d->ndeps;
	return !o->list && i < d->state->nbound ? d->state->bound[i] : NULL;
}

/* Whether the walk has to enter d.  An object that is not closing depends on none that is. */
static bool is_new(const struct order *o, const struct dso *d)
{
	return !graph_seen(&o->walk, d) && (!o->closing || d->state->collected);
}

static void remove_fini(struct dso *d)
{
	struct dso **at = &fini_list;

	while (*at != d)
		at = &(*at)->state->fini_next;
	*at = d->state->fini_next;
	d->state->has_fini = false;
}

/* Adds d, which the walk leaves, to the order. */
static void leave(struct order *o, struct dso *d)
{
	if (o->list) {
		o->list[o->count++] = d;
	} else if (d->state->has_fini) {
		if (o->closing)
			remove_fini(d);
		d->state->fini_next = o->finis;
		o->finis = d;
	}
}

static void walk(struct order *o, struct dso *d)
{
	if (!is_new(o, d))
		return;
	enter(o, d);
	while (o->path) {
		struct dso *top = o->path, *dep = next_edge(o, top);

		if (dep && is_new(o, dep)) {
			enter(o, dep);
		} else if (!dep) {
			o->path = top->state->reach_next;
			leave(o, top);
		}
	}
}

static void walk_from_last(struct order *o, struct dso *root)
{
	/* Only what root needs, starting at the last one in load order; the root itself at the
	 * end. */
	root->state->seen = o->walk.number;
	for (size_t i = root->state->scope.count; i-- > 1;)
		walk(o, root->state->scope.list[i]);
	root->state->seen = 0;
	walk(o, root);
}

/* Walks over all objects, one namespace after the other, the program's first. */
static void walk_all_from_last(struct loader *ld, struct order *o)
{
	struct dso *end = o->closing ? ld->startup_last : NULL;

	o->walk = graph_walk();
	for (const struct namespace *ns = &ld->base; ns; ns = ns->next)
		for (struct dso *d = ld->last; d != end; d = d->state->prev)
			if (d->ns == ns)
				walk(o, d);
}

/* Makes the order of d and what it needs.  The list is not in the scratch arena, since the lock is
 * released while constructors run. */
static int make_order(struct loader *ld, struct dso *d, struct order *o)
{
	size_t n = d->state->scope.count;

	o->list = o->few;
	if (n > COUNT(o->few))
		o->list = heap_alloc(&ld->heap, n * sizeof *o->list, 0, 0);
	if (!o->list)
		return fail(ld, "%s: no memory to order %zu constructors", d->path, n);
	o->walk = graph_walk();
	if (ld->abi->init_from_last)
		walk_from_last(o, d);
	else
		walk(o, d);
	return 0;
}

static void free_order(struct loader *ld, struct order *o)
{
	if (o->list == o->few)
		return;
	heap_free(&ld->heap, o->list);
}

/* ---- Running ---- */

static char **environment(const struct loader *ld)
{
	return ld->environ ? *ld->environ : ld->config.envp;
}

static void call_array(struct loader *ld, const struct table *t)
{
	function *const *f = (function *const *)t->addr;

	for (size_t i = 0; i < t->size / sizeof *f; i++)
		if (is_function((uintptr_t)f[i]))
			f[i](ld->config.argc, ld->config.argv, environment(ld));
}

static void call_constructors(struct loader *ld, struct dso *d)
{
	if (d->init && ld->abi->dt_init)
		((function *)d->init)(ld->config.argc, ld->config.argv, environment(ld));
	call_array(ld, &d->init_array);
}

static void add_fini(struct dso *d)
{
	if (d->fini || d->fini_array.size) {
		d->state->fini_next = fini_list;
		fini_list = d;
		d->state->has_fini = true;
	}
}

void init_adopt(struct dso *d)
{
	d->state->init_state = INIT_DONE;
	add_fini(d);
}

void init_wake(void)
{
	init_events++;
	if (init_waiters)
		sys_futex_wake(&init_events, INT32_MAX);
}

void init_after_fork(void)
{
	init_waiters = 0;
}

void init_wait(struct loader *ld)
{
	int events = init_events;

	init_waiters++;
	loader_unlock(ld);
	sys_futex_wait(&init_events, events);
	loader_lock(ld);
	init_waiters--;
}

static void run_one(struct loader *ld, struct dso *d)
{
	d->state->init_state = INIT_RUNNING;
	d->state->init_thread = loader_thread(ld);
	add_fini(d);
	debug(ld, DEBUG_FILES, "calling init: %s", d->path);
	loader_unlock(ld);
	call_constructors(ld, d);
	loader_lock(ld);
	d->state->init_state = INIT_DONE;
	init_wake();
}

/* Waits for constructors that another thread runs, which must finish before this thread's dlopen
 * returns.  Its own cannot: the dlopen is called from one of them. */
static void wait_for(struct loader *ld, struct dso *d)
{
	while (d->state->init_state == INIT_RUNNING && d->state->init_thread != loader_thread(ld))
		init_wait(ld);
}

/* DF_1_INITFIRST, as in glibc: only the last loaded object with this flag runs before all others,
 * and without its dependencies. */
static void run_initfirst(struct loader *ld, const struct order *o)
{
	struct dso *first = NULL;

	for (size_t i = 0; i < o->count && !first; i++)
		if (o->list[i]->flags_1 & DF_1_INITFIRST &&
			o->list[i]->state->init_state == INIT_NONE)
			first = o->list[i];
	if (!first)
		return;
	for (first = ld->last; !(first->flags_1 & DF_1_INITFIRST);)
		first = first->state->prev;
	for (size_t i = 0; i < o->count; i++)
		if (o->list[i] == first && first->state->init_state == INIT_NONE)
			run_one(ld, first);
}

/* Runs the program's DT_PREINIT_ARRAY, unless the libc does or ignores it. */
static void run_preinit(struct loader *ld)
{
	if (!ld->abi->runs_preinit)
		return;
	loader_unlock(ld);
	call_array(ld, &ld->program->preinit_array);
	loader_lock(ld);
}

/* Returns whether all have finished; the calling thread may be running some of them. */
static bool run_constructors(struct loader *ld, const struct order *o)
{
	bool all = true;

	for (size_t i = 0; i < o->count; i++) {
		struct dso *x = o->list[i];

		if (ld->abi->runs_constructors && !ld->abi->runs_constructors(ld, x))
			continue;
		if (x->state->init_state == INIT_NONE)
			run_one(ld, x);
		else
			wait_for(ld, x);
		all &= x->state->init_state == INIT_DONE;
	}
	return all;
}

int init_run(struct loader *ld, struct dso *d)
{
	struct order o = {0};

	if (d->state->all_done)
		return 0;
	if (make_order(ld, d, &o) < 0)
		return -1;
	if (ld->abi->init_from_last)
		run_initfirst(ld, &o);
	if (d == ld->program)
		run_preinit(ld);
	d->state->all_done = run_constructors(ld, &o);
	free_order(ld, &o);
	return 0;
}

static void call_destructors(struct loader *ld, struct dso *d)
{
	void (*const *f)(void) = (void (*const *)(void))d->fini_array.addr;

	for (size_t i = d->fini_array.size / sizeof *f; i-- > 0;)
		if (is_function((uintptr_t)f[i]))
			f[i]();
	if (d->fini && ld->abi->dt_init)
		((void (*)(void))d->fini)();
}

static void run_destructors(struct loader *ld, struct dso *d)
{
	/* exit() was called within its constructor: not constructed, so not destroyed. */
	if (d->state->init_state != INIT_DONE)
		return;
	debug(ld, DEBUG_FILES, "calling fini: %s", d->path);
	loader_unlock(ld);
	call_destructors(ld, d);
	loader_lock(ld);
}

void init_fini_closing(struct loader *ld)
{
	struct order o = {.closing = true};

	walk_all_from_last(ld, &o);
	for (struct dso *d; (d = o.finis);) {
		o.finis = d->state->fini_next;
		run_destructors(ld, d);
	}
}

/* Removes the first object from the list and returns it, skipping objects that a forked child has
 * abandoned. */
static struct dso *next_fini(void)
{
	struct dso *d;

	while ((d = fini_list)) {
		fini_list = d->state->fini_next;
		d->state->has_fini = false;
		if (!d->state->closing)
			break;
	}
	return d;
}

void init_fini_all(struct loader *ld)
{
	struct order o = {0};

	loader_lock(ld);
	ld->phase = PHASE_EXITING;
	if (ld->abi->init_from_last) {
		/* glibc's order; otherwise the list has the reverse order of the
				 * constructors. */
		walk_all_from_last(ld, &o);
		fini_list = o.finis;
	}
	for (struct dso *d; (d = next_fini());)
		run_destructors(ld, d);
	loader_unlock(ld);
}

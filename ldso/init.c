/* init.c: constructors and destructors (gABI, "Initialization and Termination Functions").
 *
 * Dependencies come before those that need them; in a cycle somebody has to begin, and the worlds
 * differ in who: musl walks the graph from the object that is opened; glibc (since 2.35) from the
 * last object loaded on.  Both are a depth-first walk whose order of completion is the order of the
 * constructors.  Destructors run in the reverse order, which glibc takes anew from all that is
 * loaded.
 */
#include "init.h"
#include "mem.h"
#include "sys.h"
#include "world.h"

typedef void function(int argc, char **argv, char **envp);

/* ---- The arrays ---- */

/* 0 and -1 mark no function: linkers' and crt files' ends of the old tables. */
static bool is_function(uintptr_t f)
{
	return f && f != UINTPTR_MAX;
}

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

/* ---- The order ---- */

struct order {
	struct dso **list, **stack; /* stack: the path of the walk */
	size_t count, depth;
	bool with_bound;
};

static void enter(struct order *o, struct dso *d)
{
	d->mark = true;
	d->next_dep = 0;
	o->stack[o->depth++] = d;
}

/* The next object that d needs; for destructors also those that its symbols are bound to. */
static struct dso *next_edge(const struct order *o, struct dso *d)
{
	size_t i = d->next_dep++;

	if (i < d->ndeps)
		return d->deps[i];
	i -= d->ndeps;
	return o->with_bound && i < d->nbound ? d->bound[i] : NULL;
}

/* Depth-first from d without recursion: a graph may be deeper than a stack. */
static void walk(struct order *o, struct dso *d)
{
	if (d->mark)
		return;
	enter(o, d);
	while (o->depth) {
		struct dso *top = o->stack[o->depth - 1];

		struct dso *dep = next_edge(o, top);

		if (dep && !dep->mark) {
			enter(o, dep);
		} else if (!dep) {
			o->list[o->count++] = top;
			o->depth--;
		}
	}
}

static void walk_from_last(struct order *o, struct dso *root)
{
	/* Only what root reaches, but in the load order, last first; the root itself at the end. */
	root->mark = true;
	for (size_t i = root->nscope; i-- > 1;)
		walk(o, root->scope[i]);
	root->mark = false;
	walk(o, root);
}

/* Namespaces one after the other, the program's first. */
static void walk_all_from_last(struct loader *ld, struct order *o)
{
	for (const struct namespace *ns = &ld->base; ns; ns = ns->next)
		for (struct dso *d = ld->last; d; d = d->prev)
			if (d->ns == ns)
				walk(o, d);
}

/* What d needs, or all that there is if d is NULL, into *o, whose memory is the heap's:
 * constructors run without the lock, and scratch memory is the lock's. */
static int make_order(struct loader *ld, struct dso *d, struct order *o)
{
	size_t n = 0;

	for (struct dso *x = ld->first; x; x = x->next)
		n++;
	o->list = heap_alloc(&ld->heap, 2 * n * sizeof *o->list, 0, 0);
	if (!o->list)
		return fail(ld, "%s: no memory to order %zu constructors", ld->program->path, n);
	o->stack = o->list + n;
	if (!d)
		walk_all_from_last(ld, o);
	else if (ld->world->init_from_last && d->scope)
		walk_from_last(o, d);
	else
		walk(o, d);
	for (struct dso *x = ld->first; x; x = x->next)
		x->mark = false;
	return 0;
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
	if (d->init && ld->world->dt_init)
		((function *)d->init)(ld->config.argc, ld->config.argv, environment(ld));
	call_array(ld, &d->init_array);
}

static void remember_fini(struct loader *ld, struct dso *d)
{
	if (d->fini || d->fini_array.size) {
		d->fini_next = ld->fini_list;
		ld->fini_list = d;
		d->has_fini = true;
	}
}

void init_adopt(struct loader *ld, struct dso *d)
{
	d->init_state = INIT_DONE;
	remember_fini(ld, d);
}

void init_wake(struct loader *ld)
{
	ld->init_events++;
	if (ld->init_waiters)
		sys_futex_wake(&ld->init_events, INT32_MAX);
}

void init_wait(struct loader *ld)
{
	int events = ld->init_events;

	ld->init_waiters++;
	loader_unlock(ld);
	sys_futex_wait(&ld->init_events, events);
	loader_lock(ld);
	ld->init_waiters--;
}

static void run_one(struct loader *ld, struct dso *d)
{
	d->init_state = INIT_RUNNING;
	d->init_thread = loader_thread(ld);
	remember_fini(ld, d);
	debug(ld, DEBUG_FILES, "calling init: %s", d->path);
	loader_unlock(ld);
	call_constructors(ld, d);
	loader_lock(ld);
	d->init_state = INIT_DONE;
	init_wake(ld);
}

/* Another thread's constructors must be done before this thread's dlopen returns; its own (it is
 * called from one) can't be. */
static void wait_for(struct loader *ld, struct dso *d)
{
	while (d->init_state == INIT_RUNNING && d->init_thread != loader_thread(ld))
		init_wait(ld);
}

/* DF_1_INITFIRST: the last one that was loaded, and only that, comes before all others, with
 * nothing that it needs. */
static void run_initfirst(struct loader *ld, const struct order *o)
{
	struct dso *first = NULL;

	for (struct dso *d = ld->last; d && !first; d = d->prev)
		if (d->flags_1 & DF_1_INITFIRST)
			first = d;
	for (size_t i = 0; i < o->count; i++)
		if (o->list[i] == first && first->init_state == INIT_NONE)
			run_one(ld, first);
}

/* Permanent memory stays writable from the first constructor to the last: were it sealed in between
 * and could not be opened again, nobody would know which of them have run. */
/* Where libc calls DT_PREINIT_ARRAY itself, the program has none for the loader. */
static void run_preinit(struct loader *ld)
{
	if (!ld->world->runs_preinit)
		return;
	loader_unlock(ld);
	call_array(ld, &ld->program->preinit_array);
	loader_lock(ld);
}

int init_run(struct loader *ld, struct dso *d)
{
	struct order o = {0};

	if (make_order(ld, d, &o) < 0)
		return -1;
	ld->unfinished++;
	if (ld->world->init_from_last)
		run_initfirst(ld, &o);
	if (d == ld->program)
		run_preinit(ld);
	for (size_t i = 0; i < o.count; i++) {
		struct dso *x = o.list[i];

		if (ld->world->runs_constructors && !ld->world->runs_constructors(ld, x))
			continue;
		if (x->init_state == INIT_NONE)
			run_one(ld, x);
		else
			wait_for(ld, x);
	}
	ld->unfinished--;
	loader_keep_signals_out(ld);
	heap_free(&ld->heap, o.list);
	return 0;
}

static void call_destructors(struct loader *ld, struct dso *d)
{
	void (*const *f)(void) = (void (*const *)(void))d->fini_array.addr;

	for (size_t i = d->fini_array.size / sizeof *f; i-- > 0;)
		if (is_function((uintptr_t)f[i]))
			f[i]();
	if (d->fini && ld->world->dt_init)
		((void (*)(void))d->fini)();
}

/* Takes the object that was constructed last off the list, of those that dlclose found unused or of
 * the others. */
static struct dso *next_fini(struct loader *ld, bool closing)
{
	for (struct dso **at = &ld->fini_list, *d; (d = *at); at = &d->fini_next)
		if (d->closing == closing && d->collected == closing) {
			*at = d->fini_next;
			d->has_fini = false;
			return d;
		}
	return NULL;
}

/* The list in the reverse order of a walk over all that is loaded.  Without the memory for it the
 * order stays that of the constructors. */
static void sort_finis(struct loader *ld)
{
	struct order o = {.with_bound = true};

	if (!ld->world->init_from_last)
		return;
	if (make_order(ld, NULL, &o) < 0) {
		diag_clear(&ld->diag);
		return;
	}
	ld->fini_list = NULL;
	for (size_t i = 0; i < o.count; i++)
		if (o.list[i]->has_fini) {
			o.list[i]->fini_next = ld->fini_list;
			ld->fini_list = o.list[i];
		}
	heap_free(&ld->heap, o.list);
}

static void finish(struct loader *ld, struct dso *d)
{
	/* exit() within its own constructor: not constructed, so not destroyed. */
	if (d->init_state != INIT_DONE)
		return;
	debug(ld, DEBUG_FILES, "calling fini: %s", d->path);
	loader_unlock(ld);
	call_destructors(ld, d);
	loader_lock(ld);
}

static void run_finis(struct loader *ld, bool closing)
{
	struct dso *d;

	sort_finis(ld);
	while ((d = next_fini(ld, closing)))
		finish(ld, d);
}

/* Without a write to an object: all there is to be done when their memory cannot be opened. */
static void run_finis_sealed(struct loader *ld)
{
	struct dso *d;

	while ((d = ld->fini_list)) {
		ld->fini_list = d->fini_next;
		finish(ld, d);
	}
}

void init_fini_closing(struct loader *ld)
{
	ld->unfinished++;
	run_finis(ld, true);
	ld->unfinished--;
	loader_keep_signals_out(ld);
}

void init_fini_all(struct loader *ld)
{
	loader_lock(ld);
	ld->exiting = true;
	ld->unfinished++;
	if (loader_open(ld) == 0)
		run_finis(ld, false);
	else
		run_finis_sealed(ld);
	ld->unfinished--;
	loader_unlock(ld);
}

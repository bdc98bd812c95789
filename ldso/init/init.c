/* init.c: runs constructors and destructors (gABI, "Initialization and Termination Functions").
 *
 * The order is sequence.c's.  Destructors run in the reverse order of the constructors, unless the libc
 * orders all loaded objects anew.
 */
#include "init/init.h"
#include "base/sys.h"
#include "init/sequence.h"
#include "state/auditing.h"
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

static bool has_destructors(const struct dso *d)
{
	return d->fini || d->fini_array.size;
}

/* Auditors are told of each object's end, in the same order. */
static void add_fini(struct loader *ld, struct dso *d)
{
	if (has_destructors(d) || auditing_tells(ld, d)) {
		d->state->fini_next = fini_list;
		fini_list = d;
		d->state->has_fini = true;
	}
}

void init_adopt(struct loader *ld, struct dso *d)
{
	d->state->init_state = INIT_DONE;
	add_fini(ld, d);
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
	add_fini(ld, d);
	debug(ld, DEBUG_CALLS, "\ncalling init: %s\n", d->path);
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
static void run_initfirst(struct loader *ld, struct dso *const *list, size_t n)
{
	struct dso *first = NULL;

	for (size_t i = 0; i < n && !first; i++)
		if (list[i]->flags_1 & DF_1_INITFIRST && list[i]->state->init_state == INIT_NONE)
			first = list[i];
	if (!first)
		return;
	for (first = ld->last; !(first->flags_1 & DF_1_INITFIRST);)
		first = first->state->prev;
	for (size_t i = 0; i < n; i++)
		if (list[i] == first && first->state->init_state == INIT_NONE)
			run_one(ld, first);
}

/* Runs the program's DT_PREINIT_ARRAY, unless the libc does or ignores it. */
static void run_preinit(struct loader *ld)
{
	if (!ld->abi->runs_preinit || !ld->program->preinit_array.size)
		return;
	debug(ld, DEBUG_CALLS, "\ncalling preinit: %s\n", ld->program->path);
	loader_unlock(ld);
	call_array(ld, &ld->program->preinit_array);
	loader_lock(ld);
}

/* Runs those of the list, from its end.  Returns whether all have finished; the calling thread may be
 * running some of them. */
static bool run_constructors(struct loader *ld, struct dso *const *list, size_t n)
{
	bool all = true;

	while (n-- > 0) {
		struct dso *x = list[n];

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
	size_t n = d->state->scope.count;
	struct dso **list;

	if (d->state->all_done)
		return 0;
	list = order_constructors(ld, d);
	if (!list)
		return fail(ld, "%s: no memory to order %zu constructors", d->path, n);
	if (ld->abi->init_from_last)
		run_initfirst(ld, list, n);
	if (d == ld->program)
		run_preinit(ld);
	d->state->all_done = run_constructors(ld, list, n);
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
	/* exit() was called within its constructor. */
	if (d->state->init_state != INIT_DONE && !ld->abi->fini_unfinished)
		return;
	if (has_destructors(d)) {
		debug(ld, DEBUG_CALLS, "\ncalling fini: %s [%ld]\n", d->map->l_name, d->ns->id);
		loader_unlock(ld);
		call_destructors(ld, d);
		loader_lock(ld);
	}
	if (auditing_tells(ld, d))
		ld->auditing->closing(ld, d);
}

/* Puts an object that is in neither at the front of a list of destructors. */
static void push(struct dso **finis, struct dso *d)
{
	d->state->fini_next = *finis;
	*finis = d;
}

/* Puts those of the list that `which` means in the libc's order.  Without memory for it they keep
 * the order that they have. */
static struct dso *reorder(
	struct loader *ld, enum order_of which, struct dso *closed, struct dso *finis)
{
	struct arena_mark mark = arena_mark(&ld->scratch);
	struct dso **list;
	size_t n;

	if (!ld->abi->init_from_last)
		return finis;
	list = order_destructors(ld, which, closed, &n);
	if (!list)
		return finis;
	finis = NULL;
	while (n-- > 0)
		if (list[n]->state->has_fini && (which == ORDER_ALL || list[n]->state->collected))
			push(&finis, list[n]);
	arena_release(&ld->scratch, mark);
	return finis;
}

/* Takes the objects that dlclose has found unused out of the list, in the same order. */
static struct dso *take_closing(void)
{
	struct dso *taken = NULL, **tail = &taken, **at = &fini_list, *d;

	while ((d = *at)) {
		if (!d->state->collected) {
			at = &d->state->fini_next;
			continue;
		}
		*at = d->state->fini_next;
		d->state->fini_next = NULL;
		*tail = d;
		tail = &d->state->fini_next;
	}
	return taken;
}

void init_fini_closing(struct loader *ld, struct dso *closed)
{
	struct dso *finis = reorder(ld, ORDER_COLLECTED, closed, take_closing());

	/* An exit() in one of them must not find the others in its list. */
	for (struct dso *d = finis; d; d = d->state->fini_next)
		d->state->has_fini = false;
	for (struct dso *d; (d = finis);) {
		finis = d->state->fini_next;
		run_destructors(ld, d);
	}
}

/* Removes the first object from the list, of those of auditors or of the others, and returns it,
 * skipping objects that a forked child has abandoned. */
static struct dso *next_fini(bool of_auditors)
{
	struct dso **at = &fini_list, *d;

	while ((d = *at)) {
		if (d->ns->auditing != of_auditors) {
			at = &d->state->fini_next;
			continue;
		}
		*at = d->state->fini_next;
		d->state->has_fini = false;
		if (!d->state->closing)
			break;
	}
	return d;
}

/* Tells auditors, of objects that they are told of, that ns changes or has changed. */
static void tell_exit(struct loader *ld, struct namespace *ns, enum audit_activity what)
{
	if (ld->auditing && ns)
		ld->auditing->activity(ld, ns, what);
}

static void run_all_destructors(struct loader *ld, bool of_auditors)
{
	struct namespace *ns = NULL;

	for (struct dso *d; (d = next_fini(of_auditors));) {
		if (d->ns != ns) {
			tell_exit(ld, ns, AUDIT_CONSISTENT);
			ns = d->ns;
			tell_exit(ld, ns, AUDIT_DELETE);
		}
		run_destructors(ld, d);
	}
	tell_exit(ld, ns, AUDIT_CONSISTENT);
}

void init_fini_all(struct loader *ld)
{
	loader_lock(ld);
	ld->phase = PHASE_EXITING;
	fini_list = reorder(ld, ORDER_ALL, NULL, fini_list);
	run_all_destructors(ld, false);
	run_all_destructors(ld, true);
	loader_unlock(ld);
}

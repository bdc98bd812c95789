/* dlclose.c: gives back what nobody can reach any more: see dlclose.h.
 *
 * The only count is that of an object's dlopens.  When one comes to 0, a walk from all that is in
 * use finds what is not, so that cycles are no exception.  Destructors run without the lock.
 */
#include "dl/dlclose.h"
#include "base/mem.h"
#include "dl/dl.h"
#include "dl/namespace.h"
#include "init/init.h"
#include "load/unload.h"
#include "object/debugger.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "state/libc.h"
#include "tls/tls.h"

/* The dlclose that runs destructors. */
static struct {
	bool under_way;
	bool again;       /* something more was closed meanwhile */
	uintptr_t thread; /* that does it */
} closing;

/* Whether d stays whoever closes what: objects of start-up have no root. */
static bool is_held(const struct loader *ld, const struct dso *d)
{
	return !d->root || d->state->opens || d->state->nodelete || d->state->closing ||
	       d->state->init_state == INIT_RUNNING || (ld->abi->is_held && ld->abi->is_held(d));
}

static void reach_opened(struct walk *w, struct dso *d)
{
	if (d->root)
		graph_reach(w, d);
}

/* Sees what is in use of what was opened: what is held, what that needs, what that is bound to.
 * Objects of start-up need none that was opened, and what they are bound to is never unloaded. */
struct walk dlclose_see_used(struct loader *ld)
{
	struct walk w = graph_walk();

	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		if (is_held(ld, d))
			graph_reach(&w, d);
	for (struct dso *d = w.first; d; d = d->state->reach_next) {
		for (size_t i = 0; i < d->ndeps; i++)
			reach_opened(&w, d->deps[i]);
		for (size_t i = 0; i < d->state->nbound; i++)
			reach_opened(&w, d->state->bound[i]);
	}
	return w;
}

/* The others are closing from now on: no name and no scope but their own leads to them. */
static size_t collect(struct loader *ld)
{
	struct walk used = dlclose_see_used(ld);
	size_t n = 0;

	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		if (!graph_seen(&used, d)) {
			n++;
			scope_leave_global(ld, d);
			d->state->closing = d->state->collected = true;
		}
	return n;
}

/* Another root's scope for what was first opened as part of one that has gone. */
static void find_root(struct loader *ld, struct dso *d)
{
	d->root = d;
	for (struct dso *x = load_order_opened(ld); x; x = dso_next(x))
		for (size_t i = 0; x->state->opens && i < x->state->scope.count; i++)
			if (x->state->scope.list[i] == d)
				d->root = x;
	scope_make(ld, d->root);
}

static void unload(struct loader *ld)
{
	struct dso *next;

	loader_block_signals(ld);
	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		if (d->root && d->root->state->collected && !d->state->closing)
			find_root(ld, d);
	debugger_state(RT_DELETE);
	for (struct dso *d = load_order_opened(ld); d; d = next) {
		next = dso_next(d);
		if (!d->state->collected)
			continue;
		debug(ld, DEBUG_FILES, "file=%s;  destroying link map", d->path);
		tls_remove(ld, d);
		unload_object(ld, d);
	}
	unload_dead(ld);
	debugger_state(RT_CONSISTENT);
	namespace_free_empty(ld);
}

/* One collection at a time: what a destructor closes waits for the next one, another thread waits
 * for its turn. */
static void close_unused(struct loader *ld)
{
	if (closing.under_way && closing.thread == loader_thread(ld)) {
		closing.again = true;
		return;
	}
	while (closing.under_way)
		init_wait(ld);
	closing.under_way = true;
	closing.thread = loader_thread(ld);
	do {
		closing.again = false;
		if (collect(ld)) {
			init_fini_closing(ld);
			unload(ld);
		}
	} while (closing.again);
	closing.under_way = false;
	init_wake();
}

static int close_object(struct loader *ld, struct dso *d)
{
	if (!ld->abi->unloads || !d->root)
		return 0;
	if (!d->state->opens)
		return fail(ld, "%s: shared object not open", d->path);
	d->state->opens--;
	if (!d->state->opens && ld->phase < PHASE_EXITING)
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

void dlclose_after_fork(struct loader *ld, uintptr_t me)
{
	bool own = closing.under_way && closing.thread == me;
	struct walk used;

	closing.under_way = own;
	used = dlclose_see_used(ld);
	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d)) {
		d->state->nodelete |= !graph_seen(&used, d);
		d->state->collected &= own;
	}
}

EXPORT(dlclose);

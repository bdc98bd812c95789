/* dlclose.c: finds unused objects and unloads them; see dlclose.h.
 *
 * The only counter is an object's number of dlopens.  When one reaches 0, a walk from all objects
 * in use finds those that are not, so cycles need no special case.  Destructors run without the
 * lock.
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
#include "state/auditing.h"
#include "state/libc.h"
#include "tls/tls.h"

/* The dlclose that runs destructors. */
static struct {
	bool active;
	bool again;       /* a destructor has closed another object */
	uintptr_t thread; /* that runs it */
} closing;

/* Whether d is pinned.  Objects of start-up have no root. */
static bool is_pinned(const struct loader *ld, const struct dso *d)
{
	return !d->root || d->state->opens || d->state->nodelete || d->state->closing ||
	       d->state->init_state == INIT_RUNNING || (ld->abi->is_held && ld->abi->is_held(d));
}

/* Adds d to the walk unless it is an object of start-up. */
static void reach_opened(struct walk *w, struct dso *d)
{
	if (d->root)
		graph_reach(w, d);
}

/* Objects of start-up need no opened object, and opened objects that they are bound to are
 * pinned. */
struct walk dlclose_see_used(struct loader *ld)
{
	struct walk w = graph_walk();

	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		if (is_pinned(ld, d))
			graph_reach(&w, d);
	for (struct dso *d = w.first; d; d = d->state->reach_next) {
		for (size_t i = 0; i < d->ndeps; i++)
			reach_opened(&w, d->deps[i]);
		for (size_t i = 0; i < d->state->nbound; i++)
			reach_opened(&w, d->state->bound[i]);
	}
	return w;
}

/* Marks the unused objects as closing, so that they are found by no name, and in no scope but their
 * own.  Returns their number. */
static size_t collect(struct loader *ld)
{
	struct walk used = dlclose_see_used(ld);
	size_t n = 0;

	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		if (!graph_seen(&used, d)) {
			n++;
			scope_leave_global(d);
			d->state->closing = d->state->collected = true;
		}
	for (struct dso *d = load_order_opened(ld); n && d; d = dso_next(d))
		if (!d->state->closing)
			scope_retract(ld, d);
	return n;
}

/* Tells the debugger, for each namespace that loses an object. */
static void tell_debugger(struct loader *ld, void (*tell)(struct namespace *ns))
{
	for (struct namespace *ns = &ld->base; ns; ns = ns->next)
		if (ns->losing)
			tell(ns);
}

static void tell_auditors(struct loader *ld, enum audit_activity what)
{
	for (struct namespace *ns = &ld->base; ns && ld->auditing; ns = ns->next)
		if (ns->losing)
			ld->auditing->activity(ld, ns, what);
}

static void unload(struct loader *ld)
{
	struct dso *next;

	for (struct namespace *ns = &ld->base; ns; ns = ns->next)
		ns->losing = false;
	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		d->ns->losing |= d->state->collected;
	tell_auditors(ld, AUDIT_DELETE);
	tell_debugger(ld, debugger_unmapping);
	for (struct dso *d = load_order_opened(ld); d; d = next) {
		next = dso_next(d);
		if (!d->state->collected)
			continue;
		debug(ld, DEBUG_FILES, "\nfile=%s [%ld];  destroying link map", d->path, d->ns->id);
		tls_remove(ld, d);
		unload_object(ld, d);
	}
	unload_dead(ld);
	tell_auditors(ld, AUDIT_CONSISTENT);
	tell_debugger(ld, debugger_unmapped);
	namespace_free_empty(ld);
}

static bool is_loaded(const struct loader *ld, const struct dso *wanted)
{
	for (const struct dso *d = load_order_opened(ld); d; d = dso_next(d))
		if (d == wanted)
			return true;
	return false;
}

/* Waits until no thread collects.  Returns d, or NULL if it was unloaded meanwhile. */
static struct dso *wait_for_collector(struct loader *ld, struct dso *d)
{
	if (!closing.active)
		return d;
	while (closing.active)
		init_wait(ld);
	return is_loaded(ld, d) ? d : NULL;
}

/* Runs one collection at a time: objects that a destructor closes are left to the next collection,
 * and other threads wait. */
static void close_unused(struct loader *ld, struct dso *closed)
{
	if (closing.active && closing.thread == loader_thread(ld)) {
		closing.again = true;
		return;
	}
	closed = wait_for_collector(ld, closed);
	closing.active = true;
	closing.thread = loader_thread(ld);
	do {
		closing.again = false;
		if (collect(ld)) {
			init_fini_closing(ld, closed);
			unload(ld);
		}
		closed = NULL;
	} while (closing.again);
	closing.active = false;
	init_wake();
}

static int close_object(struct loader *ld, struct dso *d)
{
	if (!ld->abi->unloads || !d->root)
		return 0;
	if (!d->state->opens)
		return fail(ld, "%s: shared object not open", d->path);
	d->state->opens--;
	if (d->state->opens)
		debug(ld, DEBUG_FILES, "\nclosing file=%s; direct_opencount=%u", d->path,
			d->state->opens);
	else if (ld->phase < PHASE_EXITING)
		close_unused(ld, d);
	return 0;
}

int dl_close(void *handle)
{
	struct loader *ld = &loader;
	struct arena_mark mark = dl_enter(ld);
	struct dso *d = dl_object(ld, handle);
	int r = d && dl_may_change(ld, "dlclose") == 0 ? close_object(ld, d) : -1;

	dl_leave(ld, mark, r < 0 ? DL_FAILED : DL_OK);
	return r;
}

int api_dlclose(void *handle)
{
	return dl_close(handle) < 0 ? 1 : 0;
}

void dlclose_after_fork(struct loader *ld, uintptr_t me)
{
	bool own = closing.active && closing.thread == me;
	struct walk used;

	closing.active = own;
	used = dlclose_see_used(ld);
	for (struct dso *d = load_order_opened(ld); d; d = dso_next(d)) {
		d->state->nodelete |= !graph_seen(&used, d);
		d->state->collected &= own;
	}
}

EXPORT(dlclose);

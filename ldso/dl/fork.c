/* fork.c: the loader's state in a forked child: abandons calls of other threads. */
#include "dl/dl.h"
#include "dl/dlclose.h"
#include "dl/iterate.h"
#include "init/init.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "state/libc.h"

static bool needs_closing(const struct dso *d)
{
	for (size_t i = 0; i < d->ndeps; i++)
		if (d->deps[i]->state->closing)
			return true;
	return false;
}

/* Abandons libraries whose constructors another thread had not finished, and those that need them:
 * a later dlopen loads new copies. */
static void abandon_unfinished(struct loader *ld, uintptr_t me)
{
	bool again = true;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->state->init_state == INIT_RUNNING && d->state->init_thread != me) {
			d->state->init_state = INIT_DONE;
			d->state->closing = d->root;
			scope_leave_global(d);
		}
	while (again) {
		again = false;
		for (struct dso *d = ld->first; d; d = dso_next(d))
			if (d->root && !d->state->closing && needs_closing(d)) {
				d->state->closing = again = true;
				scope_leave_global(d);
			}
	}
}

void dl_after_fork_in_child(struct loader *ld)
{
	uintptr_t me = loader_thread(ld);

	if (loader_is_forking()) {
		vm_forked(&ld->vm);
		abandon_unfinished(ld, me);
		dlclose_after_fork(ld, me);
		init_after_fork();
		iterate_after_fork(ld, me);
	}
	loader_after_fork(ld);
}

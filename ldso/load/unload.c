/* unload.c: unloads objects; see unload.h. */
#include "load/unload.h"
#include "load/map.h"
#include "object/load_order.h"
#include "object/names.h"
#include "object/scope.h"
#include "state/libc.h"
#include "symbol/unique.h"

/* Removes d from all tables by name. */
static void forget_names(struct loader *ld, const struct dso *d)
{
	unique_forget(ld, d);
	if (d == d->ns->libc)
		d->ns->libc = NULL;
	if (d == d->ns->threads)
		d->ns->threads = NULL;
	for (struct dso *x = load_order_opened(ld); x; x = dso_next(x))
		if (x->needed_by == d)
			x->needed_by = NULL;
}

void unload_object(struct loader *ld, struct dso *d)
{
	load_order_remove(ld, d);
	forget_names(ld, d);
	d->state->reach_next = ld->dead;
	__atomic_store_n(&ld->dead, d, __ATOMIC_RELAXED);
}

void unload_free(struct loader *ld, struct dso *d)
{
	if (ld->abi->forget)
		ld->abi->forget(ld, d);
	map_remove(ld, d);
	heap_free(&ld->tables, d->state->by_address);
	names_free(ld, d);
	scope_free(ld, &d->state->scope);
	heap_free(&ld->heap, d->state->order);
	scope_free_further(ld, d);
	heap_free(&ld->heap, d->state->bound);
	heap_free(&ld->heap, d->state->origin);
	dso_free(ld, d);
}

void unload_dead(struct loader *ld)
{
	struct dso *d = ld->dead;

	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (__atomic_load_n(&ld->readers, __ATOMIC_ACQUIRE))
		return;
	__atomic_store_n(&ld->dead, NULL, __ATOMIC_RELAXED);
	scope_free_retired(ld);
	for (struct dso *next; d; d = next) {
		next = d->state->reach_next;
		unload_free(ld, d);
	}
}

void unload_enter_reader(struct loader *ld)
{
	__atomic_add_fetch(&ld->readers, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
}

/* A dlclose looks for readers again after it has put all objects on the list, so at least one of the
 * two sees the other's change.  A reader that cannot have the lock leaves them to the next one. */
void unload_leave_reader(struct loader *ld)
{
	if (__atomic_sub_fetch(&ld->readers, 1, __ATOMIC_RELEASE))
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&ld->dead, __ATOMIC_RELAXED) || !loader_try_lock(ld))
		return;
	if (loader_may_change(ld))
		unload_dead(ld);
	loader_unlock(ld);
}

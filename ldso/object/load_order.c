/* load_order.c: the list of all objects; see load_order.h. */
#include "object/load_order.h"
#include "object/debugger.h"

void load_order_append(struct loader *ld, struct dso *d)
{
	d->state->prev = ld->last;
	/* dl_iterate_phdr walks without the lock: d is complete before it becomes visible. */
	__atomic_store_n(ld->last ? &ld->last->state->next : &ld->first, d, __ATOMIC_RELEASE);
	ld->last = d;
	d->state->listed = true;
	debugger_add(d);
	ld->adds++;
}

static void unlink_object(struct loader *ld, struct dso *d)
{
	struct dso *prev = d->state->prev, *next = d->state->next;

	__atomic_store_n(prev ? &prev->state->next : &ld->first, next, __ATOMIC_RELEASE);
	*(next ? &next->state->prev : &ld->last) = prev;
}

void load_order_remove(struct loader *ld, struct dso *d)
{
	unlink_object(ld, d);
	d->state->listed = false;
	debugger_remove(d);
	ld->subs++;
}

void load_order_move(struct loader *ld, struct dso *d, struct dso *to)
{
	struct dso *prev = to->state->prev;

	unlink_object(ld, d);
	d->state->prev = prev;
	to->state->prev = d;
	__atomic_store_n(&d->state->next, to, __ATOMIC_RELEASE);
	__atomic_store_n(prev ? &prev->state->next : &ld->first, d, __ATOMIC_RELEASE);
	debugger_move(d, to);
}

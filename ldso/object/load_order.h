/* load_order.h: the list of all objects, of all namespaces, in the order in which they were loaded.
 *
 * Changes require the lock.  dl_iterate_phdr walks the list without it: each change is one store,
 * and an object is complete before it becomes visible.
 */
#ifndef LOAD_ORDER_H
#define LOAD_ORDER_H

#include "state/loader.h"

/* Appends d to it and to the debugger's list. */
void load_order_append(struct loader *ld, struct dso *d);

/* Removes d from it and from the debugger's list.  d's own link to the next object stays, for walks
 * that are at d. */
void load_order_remove(struct loader *ld, struct dso *d);

/* Moves d, which comes after `to`, to the place before it, in both.  A walk that is at d visits those
 * in between once more. */
void load_order_move(struct loader *ld, struct dso *d, struct dso *to);

/* The first object that was opened at run time, which the others follow; or NULL. */
static inline struct dso *load_order_opened(const struct loader *ld)
{
	return ld->startup_last ? dso_next(ld->startup_last) : NULL;
}

#endif

/* load_order.h: the list of all objects, of all namespaces, in the order in which they were loaded.
 *
 * The lock is held by those who change it.  dl_iterate_phdr walks it without: each change is one
 * store, and an object is complete when it can be seen.
 */
#ifndef LOAD_ORDER_H
#define LOAD_ORDER_H

#include "state/loader.h"

/* Appends d, and tells the debugger's list. */
void load_order_append(struct loader *ld, struct dso *d);

/* Takes d out of it and of the debugger's list.  d's own link to the next stays, for walks that
 * stand on it. */
void load_order_remove(struct loader *ld, struct dso *d);

/* The first object that was opened at run time, or NULL: others follow. */
static inline struct dso *load_order_opened(const struct loader *ld)
{
	return ld->settled ? dso_next(ld->settled) : NULL;
}

#endif

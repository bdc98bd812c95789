/* sequence.h: whose constructors run before whose, and whose destructors. */
#ifndef INIT_SEQUENCE_H
#define INIT_SEQUENCE_H

#include "state/loader.h"

/* The d->state->scope.count objects of d's scope in the reverse order of their constructors: d's
 * list, d->state->order, which is made the first time.  NULL: no memory (not reported). */
struct dso **order_constructors(struct loader *ld, struct dso *d);

/* Which objects are ordered for their destructors. */
enum order_of {
	ORDER_ALL,
	ORDER_COLLECTED, /* those that dlclose has found unused; others may be in the list */
};

/* All objects in the order of their destructors, one namespace after the other, the program's last:
 * *count of them, in the scratch arena.  closed: the one that dlclose was called for, or NULL.
 * NULL: no memory (not reported). */
struct dso **order_destructors(
	struct loader *ld, enum order_of which, struct dso *closed, size_t *count);

#endif

/* dlclose.h: finds the opened objects that are in use. */
#ifndef DLCLOSE_H
#define DLCLOSE_H

#include "object/graph.h"

/* Walks over the opened objects that are pinned, that these need, or that these are bound to;
 * graph_seen() with the result tells whether an object is in use.  The caller holds the lock. */
struct walk dlclose_see_used(struct loader *ld);

/* In a forked child, whose thread is `me`: abandons a dlclose of another thread; the objects that
 * it was closing are never unloaded. */
void dlclose_after_fork(struct loader *ld, uintptr_t me);

#endif

/* graph.h: walks over the graph of objects, whose edges are their needs.
 *
 * A walk marks what it has seen, so there is one at a time; the lock is held.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "state/loader.h"

/* One walk: breadth-first along reach_next, if it queues the objects that it reaches. */
struct walk {
	unsigned long number;
	struct dso *first, *last;
};

struct walk graph_walk(void);

/* Puts d at the end of the queue, unless the walk has seen it. */
void graph_reach(struct walk *w, struct dso *d);

static inline bool graph_seen(const struct walk *w, const struct dso *d)
{
	return d->state->seen == w->number;
}

#endif

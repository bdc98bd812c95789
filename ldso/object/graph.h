/* graph.h: walks over the dependency graph of the objects.
 *
 * A walk marks the objects that it visits, so there is one at a time; the lock is held.
 */
#ifndef GRAPH_H
#define GRAPH_H

#include "state/loader.h"

/* One walk; a breadth-first one queues the objects that it reaches along reach_next. */
struct walk {
	unsigned long number;
	struct dso *first, *last;
};

/* A new walk that has visited no object. */
struct walk graph_walk(void);

/* Appends d to the queue, unless the walk has visited it. */
void graph_reach(struct walk *w, struct dso *d);

/* Whether the walk has visited d. */
static inline bool graph_seen(const struct walk *w, const struct dso *d)
{
	return d->state->seen == w->number;
}

#endif

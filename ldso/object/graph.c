/* graph.c: walks over the dependency graph; see graph.h. */
#include "object/graph.h"

struct walk graph_walk(void)
{
	static unsigned long walks;

	return (struct walk){.number = ++walks};
}

void graph_reach(struct walk *w, struct dso *d)
{
	if (graph_seen(w, d))
		return;
	d->state->seen = w->number;
	d->state->reach_next = NULL;
	*(w->last ? &w->last->state->reach_next : &w->first) = d;
	w->last = d;
}

/* graph.h: random graphs of objects, with a plain model of what is reached from where. */
#ifndef GRAPH_OF_TEST_H
#define GRAPH_OF_TEST_H

#include "lib/symbols.h"

enum { GRAPH_MOST = 40 };

struct graph {
	struct dso *node[GRAPH_MOST]; /* in the load order */
	size_t count;
	bool edge[GRAPH_MOST][GRAPH_MOST];
};

/* n objects, each of which needs up to `needs` others.  cycles: any others, else only those that
 * were loaded later. */
void graph_make(struct loader *ld, struct graph *g, size_t n, size_t needs, bool cycles);

size_t graph_index(const struct graph *g, const struct dso *d);

/* Whether there is a way from one to the other. */
bool graph_leads(const struct graph *g, size_t from, size_t to);

/* Those that can be reached from node[from], itself first, breadth-first: how many.  also: others
 * that stand behind the first. */
size_t graph_breadth_first(const struct graph *g, size_t from, const size_t *also, size_t nalso,
	size_t out[GRAPH_MOST]);

#endif

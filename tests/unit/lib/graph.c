/* graph.c: see graph.h. */
#include "lib/graph.h"

#include <stdlib.h>
#include <string.h>

static void add_need(struct graph *g, size_t from, size_t to)
{
	struct dso *d = g->node[from];

	d->deps[d->ndeps++] = g->node[to];
	g->edge[from][to] = true;
}

void graph_make(struct loader *ld, struct graph *g, size_t n, size_t needs, bool cycles)
{
	memset(g, 0, sizeof *g);
	g->count = n;
	for (size_t i = 0; i < n; i++)
		g->node[i] = sample_object(ld, "/lib.so");
	for (size_t i = 0; i < n; i++) {
		size_t wanted = any(needs + 1), first = cycles ? 0 : i + 1;

		g->node[i]->deps = arena_alloc(&ld->permanent, wanted * sizeof(struct dso *));
		for (size_t k = 0; k < wanted && first < n; k++)
			add_need(g, i, first + any(n - first));
	}
}

size_t graph_index(const struct graph *g, const struct dso *d)
{
	size_t i = 0;

	while (i < g->count && g->node[i] != d)
		i++;
	if (i == g->count)
		abort();
	return i;
}

/* A list that is a queue and a set. */
static size_t append(size_t *list, size_t n, size_t x)
{
	for (size_t i = 0; i < n; i++)
		if (list[i] == x)
			return n;
	list[n] = x;
	return n + 1;
}

size_t graph_breadth_first(const struct graph *g, size_t from, const size_t *also, size_t nalso,
	size_t out[GRAPH_MOST])
{
	size_t n = append(out, 0, from);

	for (size_t i = 0; i < nalso; i++)
		n = append(out, n, also[i]);
	for (size_t i = 0; i < n; i++)
		for (size_t k = 0; k < g->node[out[i]]->ndeps; k++)
			n = append(out, n, graph_index(g, g->node[out[i]]->deps[k]));
	return n;
}

bool graph_leads(const struct graph *g, size_t from, size_t to)
{
	size_t list[GRAPH_MOST], n = graph_breadth_first(g, from, NULL, 0, list);

	for (size_t i = 0; i < n; i++)
		if (list[i] == to)
			return true;
	return false;
}

/* scope.c: the objects that a symbol lookup visits, in order; see scope.h. */
#include "object/scope.h"
#include "object/graph.h"

#define LEAST_GLOBAL 32 /* initial capacity of a global scope, in objects */
#define LEAST_ALSO   4  /* and of a list of further scopes */

static void reach(struct walk *w, struct dso *d)
{
	if (graph_seen(w, d))
		return;
	d->state->next_dep = 0; /* then 1: the walk has been along its dependencies */
	graph_reach(w, d);
}

/* Moves x's filtee d before x, unless it is there already.  at: the link to x in the queue.  Returns
 * the new one. */
static struct dso **put_before(struct walk *w, struct dso **at, struct dso *d)
{
	struct dso *x = *at, *prev = x;

	while (prev && prev->state->reach_next != d)
		prev = prev->state->reach_next;
	if (!prev)
		return at;
	prev->state->reach_next = d->state->reach_next;
	if (w->last == d)
		w->last = prev;
	d->state->reach_next = x;
	*at = d;
	return &d->state->reach_next;
}

static bool is_filtee(const struct dso *x, const struct dso *d)
{
	for (size_t i = 0; i < x->nfiltees; i++)
		if (x->filtees[i] == d)
			return true;
	return false;
}

/* Queues what *at needs, filtees before itself. */
static void reach_needs(struct walk *w, struct dso **at)
{
	struct dso *x = *at;

	x->state->next_dep = 1;
	for (size_t i = 0; i < x->ndeps; i++) {
		reach(w, x->deps[i]);
		if (is_filtee(x, x->deps[i]))
			at = put_before(w, at, x->deps[i]);
	}
}

/* Queues the objects reachable from d, breadth-first; the preloaded ones come right after the
 * program. */
static struct dso *queue_reachable(struct loader *ld, struct dso *d)
{
	struct walk w = graph_walk();

	reach(&w, d);
	for (struct dso *x = ld->first; x && d == ld->program; x = dso_next(x))
		if (x->preloaded)
			reach(&w, x);
	for (struct dso **at = &w.first; *at;)
		if (!(*at)->state->next_dep)
			reach_needs(&w, at); /* then its filtees, which stand here now */
		else
			at = &(*at)->state->reach_next;
	return w.first;
}

int scope_make(struct loader *ld, struct dso *d)
{
	struct scope *s = &d->state->scope;
	struct dso *first;
	size_t n = 0;

	if (s->count)
		return 0;
	loader_block_signals(ld);
	first = queue_reachable(ld, d);
	for (struct dso *x = first; x; x = x->state->reach_next)
		n++;
	s->list = heap_alloc(&ld->heap, n * sizeof *s->list, 0, 0);
	if (!s->list)
		return fail(ld, "%s: no memory for its scope of %zu objects", d->path, n);
	for (struct dso *x = first; x; x = x->state->reach_next)
		s->list[s->count++] = x;
	s->room = s->count;
	return 0;
}

struct scope *scope_of(struct dso *d)
{
	struct scope *global = &d->ns->global;

	return global->count && global->list[0] == d ? global : &d->state->scope;
}

/* ---- Further scopes ---- */

/* Whether d was opened before root, and its relocations do not search root's scope yet. */
static bool lacks(const struct dso *d, const struct dso *root)
{
	if (!d->root || d->root == root)
		return false;
	for (size_t i = 0; i < d->state->nalso; i++)
		if (d->state->also[i] == root)
			return false;
	return true;
}

int scope_extend(struct loader *ld, struct dso *root)
{
	const struct scope *s = &root->state->scope;

	for (size_t i = 0; i < s->count; i++) {
		struct dso_state *t = s->list[i]->state;
		struct dso **list;

		if (t->nalso < t->also_room || !lacks(s->list[i], root))
			continue;
		loader_block_signals(ld);
		list = heap_grow(&ld->heap, t->also, sizeof *list, &t->also_room, LEAST_ALSO);
		if (!list)
			return fail(ld, "%s: no memory for its scope", root->path);
		t->also = list;
	}
	for (size_t i = 0; i < s->count; i++)
		if (lacks(s->list[i], root))
			s->list[i]->state->also[s->list[i]->state->nalso++] = root;
	return 0;
}

void scope_retract(struct loader *ld, struct dso *d)
{
	struct dso_state *s = d->state;
	size_t n = 0;

	for (size_t i = 0; i < s->nalso; i++)
		if (!s->also[i]->state->collected)
			s->also[n++] = s->also[i];
	s->nalso = n;
	if (!d->root || !d->root->state->collected)
		return;
	/* An object with a scope of its own was opened itself: it is in the list. */
	if (n && s->scope.count) {
		d->root = s->also[0];
		s->nalso--;
		for (size_t i = 0; i < s->nalso; i++)
			s->also[i] = s->also[i + 1];
	} else {
		d->root = d;
		scope_make(ld, d);
	}
}

/* ---- The global scope ---- */

/* Whether d is in the global scope of ns.  The loader is in that of each namespace, so its flag is
 * not enough. */
static bool is_global(const struct namespace *ns, const struct dso *d)
{
	for (size_t i = 0; d->kind == DSO_SELF && i < ns->global.count; i++)
		if (ns->global.list[i] == d)
			return true;
	return d->kind != DSO_SELF && d->state->global;
}

int scope_join_global(struct loader *ld, struct namespace *ns, struct dso *d)
{
	struct scope *g = &ns->global;

	if (is_global(ns, d))
		return 0;
	loader_block_signals(ld);
	if (g->count == g->room) {
		struct dso **list =
			heap_grow(&ld->heap, g->list, sizeof *list, &g->room, LEAST_GLOBAL);

		if (!list)
			return fail(ld, "%s: no memory for the global scope", d->path);
		g->list = list;
	}
	g->list[g->count++] = d;
	d->state->global = true;
	return 0;
}

void scope_leave_global(struct loader *ld, struct dso *d)
{
	struct scope *g = &d->ns->global;
	size_t at = 0, count = g->count;

	if (!d->state->global)
		return;
	loader_block_signals(ld);
	while (at < count && g->list[at] != d)
		at++;
	scope_cut(g, at);
	for (size_t i = at + 1; i < count; i++)
		g->list[g->count++] = g->list[i];
	d->state->global = false;
}

int scope_make_global(struct loader *ld)
{
	if (scope_join_global(ld, &ld->base, ld->program) < 0)
		return -1;
	/* DF_1_INTERPOSE: Solaris, "Linker and Libraries Guide". */
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if ((d->preloaded || d->flags_1 & DF_1_INTERPOSE) &&
			scope_join_global(ld, &ld->base, d) < 0)
			return -1;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind != DSO_VDSO && scope_join_global(ld, &ld->base, d) < 0)
			return -1;
	return 0;
}

void scope_cut(struct scope *s, size_t n)
{
	s->count = n;
	if (s->filtered > n)
		s->filtered = n;
}

void scope_free(struct loader *ld, struct scope *s)
{
	heap_free(&ld->heap, s->list);
	heap_free(&ld->heap, s->filters);
	heap_free(&ld->heap, s->words);
}

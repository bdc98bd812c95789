/* sequence.c: the order of constructors and destructors (gABI, "Initialization and Termination
 * Functions"); see sequence.h.
 *
 * A list has each object before those that it needs: destructors run from its front, constructors
 * from its end.  Where the gABI leaves a choice, and in cycles, programs rely on their libc:
 *
 *   musl         walks depth-first from the object that is opened, along DT_NEEDED.
 *   glibc        walks depth-first from each object, the last one loaded first.
 *   up to 2.34   moves each object behind the last one that needs it, until nothing moves.
 *
 * glibc remembers for each object what it needs.  For one that was loaded as another's dependency
 * these are its DT_NEEDED entries; for one that was opened it is the list that was made then.
 * Destructors take relocation dependencies into account as well: a library that is bound to another
 * one's symbol is destroyed before it, unless DT_NEEDED says otherwise.
 */
#include "init/sequence.h"
#include "base/mem.h"
#include "object/graph.h"
#include "state/libc.h"

/* ---- What an object needs ---- */

/* What d needs, as glibc remembers it: the number of objects in *list. */
static size_t needs(const struct dso *d, struct dso *const **list)
{
	*list = d->state->order ? d->state->order : d->deps;
	return d->state->order ? d->state->scope.count : d->state->linked ? d->ndeps : 0;
}

static bool is_need(const struct dso *d, const struct dso *x)
{
	struct dso *const *list;
	size_t n = needs(d, &list);

	for (size_t i = 0; i < n; i++)
		if (list[i] == x)
			return true;
	return false;
}

/* ---- Depth-first ---- */

/* A depth-first walk, without recursion: a graph may be deeper than a stack. */
struct search_deep {
	struct walk walk;
	const struct loader *ld;
	const struct namespace *ns; /* NULL: all */
	bool collected;             /* only those that dlclose has found unused */
	bool bound;                 /* relocation dependencies count */
	bool met;                   /* there was one */
	bool by_deps;               /* DT_NEEDED alone, whatever is remembered: musl */
	struct dso *path;           /* the current object, and those that lead to it */
	struct dso **front;         /* the objects that it has left, the last one first */
};

static void enter(struct search_deep *s, struct dso *d)
{
	d->state->seen = s->walk.number;
	d->state->next_dep = 0;
	d->state->reach_next = s->path;
	s->path = d;
}

static struct dso *next_edge(struct search_deep *s, struct dso *d)
{
	size_t i = d->state->next_dep++, n = d->ndeps;
	struct dso *const *list = d->deps;
	struct dso *extra;

	if (!s->by_deps)
		n = needs(d, &list);
	if (i < n)
		return list[i];
	i -= n;
	if (!s->bound || i >= d->state->nbound)
		return NULL;
	extra = d->state->bound[d->state->nbound - 1 - i];
	s->met |= !is_need(d, extra);
	return extra;
}

/* Whether the walk has to enter d.  The program is nobody's dependency; an object that is closed
 * needs none that is not. */
static bool is_new(const struct search_deep *s, const struct dso *d)
{
	return !graph_seen(&s->walk, d) && (!s->ns || d->ns == s->ns) &&
	       (!s->collected || d->state->collected);
}

static void search_from(struct search_deep *s, struct dso *d)
{
	if (!is_new(s, d))
		return;
	enter(s, d);
	while (s->path) {
		struct dso *top = s->path, *dep = next_edge(s, top);

		if (dep && dep != s->ld->program && is_new(s, dep)) {
			enter(s, dep);
		} else if (!dep) {
			s->path = top->state->reach_next;
			*--s->front = top;
		}
	}
}

/* Sorts by walks from each object of the list, the last one first. */
static void sort_deep(struct search_deep *s, struct dso *const *from, struct dso **to, size_t n)
{
	s->walk = graph_walk();
	s->front = to + n;
	for (size_t i = n; i-- > 0;)
		search_from(s, from[i]);
}

/* ---- By moving ---- */

/* The index of the last object behind i that needs list[i], or i. */
static size_t last_that_needs(struct dso *const *list, size_t n, size_t i, bool destructors)
{
	const struct dso *d = list[i];
	size_t k = n;

	while (--k > i) {
		const struct dso *x = list[k];

		if (is_need(x, d))
			break;
		for (size_t m = destructors ? x->state->nbound : 0; m-- > 0;)
			if (x->state->bound[m] == d && !is_need(d, x))
				return k;
	}
	return k;
}

static void move(void *list, size_t size, size_t from, size_t to)
{
	char kept[sizeof(struct dso *)], *at = list;

	memcpy(kept, at + from * size, size);
	memmove(at + from * size, at + (from + 1) * size, (to - from) * size);
	memcpy(at + to * size, kept, size);
}

/* visits: n numbers, how often each object's turn came since the last one found its place; in a
 * cycle that ends the moving. */
static void sort_by_moving(
	struct dso **list, size_t n, uint16_t *visits, enum order_of which, bool destructors)
{
	memset(visits, 0, n * sizeof *visits);
	for (size_t i = 0; i < n;) {
		bool stays = destructors && which == ORDER_COLLECTED && !list[i]->state->collected;
		size_t k;

		visits[i]++;
		k = stays ? i : last_that_needs(list, n, i, destructors);
		if (k > i) {
			move(list, sizeof *list, i, k);
			if (visits[i + 1] <= n - i) {
				move(visits, sizeof *visits, i, k);
				continue;
			}
		}
		i++;
		memset(visits + i, 0, (n - i) * sizeof *visits);
	}
}

/* ---- Constructors ---- */

/* Moves d to the front of the list, which it is in. */
static void put_first(struct dso **list, struct dso *d)
{
	size_t at = 0;

	while (list[at] != d)
		at++;
	for (; at > 0; at--)
		list[at] = list[at - 1];
	list[0] = d;
}

/* Sorts d's scope as glibc does.  false: no memory. */
static bool sort_scope(struct loader *ld, struct dso *d, struct dso **list)
{
	const struct scope *scope = &d->state->scope;
	struct arena_mark mark = arena_mark(&ld->scratch);
	size_t n = scope->count;
	struct dso **from = arena_alloc(&ld->scratch, n * sizeof *from);
	struct search_deep s = {.ld = ld};

	if (!from)
		return false;
	memcpy(from, scope->list, n * sizeof *from);
	put_first(from, d);
	for (size_t i = 1; i < n; i++)
		from[i]->state->linked = true;
	if (ld->version_rules.by_moving) {
		memcpy(list, from, n * sizeof *list);
		sort_by_moving(list + 1, n - 1, (uint16_t *)from, ORDER_ALL, false);
	} else {
		sort_deep(&s, from, list, n);
		put_first(list, d);
	}
	arena_release(&ld->scratch, mark);
	return true;
}

/* Memory for a list that lives as long as d. */
static struct dso **new_list(struct loader *ld, const struct dso *d)
{
	size_t bytes = d->state->scope.count * sizeof(struct dso *);

	if (d == ld->program)
		return arena_alloc(&ld->permanent, bytes);
	return heap_alloc(&ld->heap, bytes, 0, 0);
}

struct dso **order_constructors(struct loader *ld, struct dso *d)
{
	struct search_deep s = {.ld = ld, .by_deps = true, .walk = graph_walk()};
	struct dso **list = d->state->order;

	if (list)
		return list;
	list = new_list(ld, d);
	if (!list)
		return NULL;
	if (!ld->abi->init_from_last) {
		s.front = list + d->state->scope.count;
		search_from(&s, d);
	} else if (!sort_scope(ld, d, list)) {
		if (d != ld->program)
			heap_free(&ld->heap, list);
		return NULL;
	}
	return d->state->order = list;
}

/* ---- Destructors ---- */

/* Whether d is to be ordered.  Objects that are moved are moved among all that are loaded. */
static bool is_listed(const struct loader *ld, const struct dso *d, enum order_of which)
{
	return which == ORDER_ALL || ld->version_rules.by_moving || d->state->collected;
}

/* Lists the objects of ns in the load order. */
static size_t list_namespace(
	struct loader *ld, const struct namespace *ns, enum order_of which, struct dso **list)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->ns == ns && is_listed(ld, d, which))
			list[n++] = d;
	return n;
}

/* Sorts depth-first.  The second walk makes DT_NEEDED win where relocation dependencies contradict
 * it. */
static void sort_deep_twice(struct search_deep *s, struct dso **list, struct dso **spare, size_t n)
{
	sort_deep(s, list, spare, n);
	s->bound = false;
	if (s->met)
		sort_deep(s, spare, list, n);
	else
		memcpy(list, spare, n * sizeof *list);
}

/* Sorts the n objects of ns; spare: room for as many. */
static void sort_namespace(struct loader *ld, const struct namespace *ns, enum order_of which,
	struct dso **list, struct dso **spare, size_t n)
{
	struct search_deep s = {
		.ld = ld, .ns = ns, .collected = which == ORDER_COLLECTED, .bound = true};
	size_t skip = ns == &ld->base && n; /* the program */

	if (ld->version_rules.by_moving)
		sort_by_moving(list + skip, n - skip, (uint16_t *)spare, which, true);
	else
		sort_deep_twice(&s, list, spare, n);
}

struct dso **order_destructors(
	struct loader *ld, enum order_of which, struct dso *closed, size_t *count)
{
	size_t n = 0;
	struct dso **list, **spare;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		n += is_listed(ld, d, which);
	list = arena_alloc(&ld->scratch, n * sizeof *list);
	spare = arena_alloc(&ld->scratch, n * sizeof *spare);
	*count = n;
	if (!list || !spare)
		return NULL;
	/* The program's namespace comes last. */
	for (const struct namespace *ns = &ld->base; ns; ns = ns->next) {
		bool begins = closed && closed->state->collected && closed->ns == ns &&
			      ld->version_rules.closed_first;
		size_t m = list_namespace(ld, ns, which, spare);

		n -= m;
		memcpy(list + n, spare, m * sizeof *list);
		if (begins)
			put_first(list + n, closed);
		sort_namespace(ld, ns, which, list + n, spare, m);
		if (begins)
			put_first(list + n, closed);
	}
	return list;
}

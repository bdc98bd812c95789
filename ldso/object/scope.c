/* scope.c: the objects that a symbol lookup visits, in order; see scope.h.
 *
 * A signal handler may look a symbol up in the middle of any change (loader_may_change()), and other
 * threads bind lazily without the lock: an object is in the list before it is counted, and moves by
 * copies.
 */
#include "object/scope.h"
#include "base/mem.h"
#include "object/graph.h"

#define LEAST_GLOBAL 32 /* initial capacity of a global scope, in objects */

/* Writes the objects reachable from d, breadth-first, to list (NULL: only counts them), and returns
 * how many; the preloaded ones come right after the program. */
static size_t list_reachable(struct loader *ld, struct dso *d, struct dso **list)
{
	size_t n = 0;
	struct walk w = graph_walk();

	graph_reach(&w, d);
	for (struct dso *x = ld->first; x && d == ld->program; x = dso_next(x))
		if (x->preloaded)
			graph_reach(&w, x);
	for (struct dso *x = w.first; x; x = x->state->reach_next) {
		if (list)
			list[n] = x;
		n++;
		for (size_t i = 0; i < x->ndeps; i++)
			graph_reach(&w, x->deps[i]);
	}
	return n;
}

static void set_count(struct scope *s, size_t n)
{
	__atomic_store_n(&s->count, n, __ATOMIC_RELEASE);
}

static unsigned version;

unsigned scope_version(void)
{
	__atomic_thread_fence(__ATOMIC_ACQUIRE);
	return __atomic_load_n(&version, __ATOMIC_ACQUIRE);
}

static void begin_change(void)
{
	__atomic_store_n(&version, version + 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_RELEASE);
}

static void end_change(void)
{
	__atomic_store_n(&version, version + 1, __ATOMIC_RELEASE);
}

int scope_make(struct loader *ld, struct dso *d)
{
	struct scope *s = &d->state->scope;
	size_t n;

	if (s->count)
		return 0;
	n = list_reachable(ld, d, NULL);
	s->list = heap_alloc(&ld->heap, n * sizeof *s->list, 0, 0);
	if (!s->list)
		return fail(ld, "%s: no memory for its scope of %zu objects", d->path, n);
	s->room = list_reachable(ld, d, s->list);
	set_count(s, s->room);
	return 0;
}

/* Whether d is in the global scope of ns.  The loader is in that of each namespace, so its flag is
 * not enough. */
static bool is_global(const struct namespace *ns, const struct dso *d)
{
	for (size_t i = 0; d->kind == DSO_SELF && i < ns->global.count; i++)
		if (ns->global.list[i] == d)
			return true;
	return d->kind != DSO_SELF && d->state->global;
}

/* Lookups without the lock may be reading the old list, so it is not freed.  All old lists together
 * are smaller than the new one. */
static bool grow(struct loader *ld, struct scope *s)
{
	size_t room = s->room ? 2 * s->room : LEAST_GLOBAL;
	struct dso **list = heap_alloc(&ld->heap, room * sizeof *list, 0, 0);

	if (!list)
		return false;
	if (s->count)
		memcpy(list, s->list, s->count * sizeof *list);
	__atomic_store_n(&s->list, list, __ATOMIC_RELEASE);
	s->room = room;
	return true;
}

int scope_join_global(struct loader *ld, struct namespace *ns, struct dso *d)
{
	struct scope *g = &ns->global;

	if (is_global(ns, d))
		return 0;
	if (g->count == g->room && !grow(ld, g))
		return fail(ld, "%s: no memory for the global scope", d->path);
	begin_change();
	g->list[g->count] = d;
	set_count(g, g->count + 1);
	end_change();
	d->state->global = true;
	return 0;
}

void scope_leave_global(struct dso *d)
{
	struct scope *g = &d->ns->global;
	size_t at = 0, count = g->count;

	if (!d->state->global)
		return;
	while (at < count && g->list[at] != d)
		at++;
	if (g->filtered > at)
		g->filtered = at;
	begin_change();
	for (size_t i = at + 1; i < count; i++)
		__atomic_store_n(&g->list[i - 1], g->list[i], __ATOMIC_RELEASE);
	set_count(g, count - 1);
	end_change();
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
	begin_change();
	set_count(s, n);
	end_change();
	if (s->filtered > n)
		s->filtered = n;
}

void scope_free(struct loader *ld, struct scope *s)
{
	heap_free(&ld->heap, s->list);
	heap_free(&ld->tables, s->filters);
	heap_free(&ld->tables, s->words);
}

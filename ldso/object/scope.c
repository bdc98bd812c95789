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
	struct dso *first;
	size_t n = 0;

	if (s->count)
		return 0;
	first = queue_reachable(ld, d);
	for (struct dso *x = first; x; x = x->state->reach_next)
		n++;
	s->list = heap_alloc(&ld->heap, n * sizeof *s->list, 0, 0);
	if (!s->list)
		return fail(ld, "%s: no memory for its scope of %zu objects", d->path, n);
	s->room = n;
	n = 0;
	for (struct dso *x = first; x; x = x->state->reach_next)
		s->list[n++] = x;
	set_count(s, n);
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
	for (const struct further_scope *f = d->state->also; f; f = f->next)
		if (f->root == root)
			return false;
	return true;
}

static void append(struct dso *d, struct further_scope *f)
{
	struct further_scope **at = &d->state->also;

	while (*at)
		at = &(*at)->next;
	f->next = NULL;
	__atomic_store_n(at, f, __ATOMIC_RELEASE);
}

static void free_list(struct loader *ld, struct further_scope *list)
{
	for (struct further_scope *next; list; list = next) {
		next = list->next;
		heap_free(&ld->heap, list);
	}
}

/* A list with an entry for each object that lacks root's scope.  false: no memory (reported). */
static bool make_entries(struct loader *ld, struct dso *root, struct further_scope **made)
{
	const struct scope *s = &root->state->scope;

	*made = NULL;
	for (size_t i = 0; i < s->count; i++) {
		struct further_scope *f;

		if (!lacks(s->list[i], root))
			continue;
		f = heap_alloc(&ld->heap, sizeof *f, 0, 0);
		if (!f) {
			free_list(ld, *made);
			fail(ld, "%s: no memory for its scope", root->path);
			return false;
		}
		*f = (struct further_scope){.root = root, .next = *made};
		*made = f;
	}
	return true;
}

int scope_extend(struct loader *ld, struct dso *root)
{
	const struct scope *s = &root->state->scope;
	struct further_scope *made;

	if (!make_entries(ld, root, &made))
		return -1;
	begin_change();
	for (size_t i = 0; made; i++) {
		struct further_scope *f = made;

		if (!lacks(s->list[i], root))
			continue;
		made = f->next;
		append(s->list[i], f);
	}
	end_change();
	return 0;
}

/* Entries that a lookup without the lock may still be reading. */
static struct further_scope *retired;

static void retire(struct further_scope **at)
{
	struct further_scope *f = *at;

	__atomic_store_n(at, f->next, __ATOMIC_RELEASE);
	f->retired = retired;
	retired = f;
}

/* Gives d, whose root is unloaded, another one: an object with a scope of its own was opened itself
 * and is searched by the first of the others; else d itself. */
static void reroot(struct loader *ld, struct dso *d)
{
	struct further_scope **also = &d->state->also;
	struct dso *root = *also && d->state->scope.count ? (*also)->root : d;

	scope_make(ld, root);
	__atomic_store_n(&d->root, root, __ATOMIC_RELEASE);
	if (root != d)
		retire(also);
}

void scope_retract(struct loader *ld, struct dso *d)
{
	begin_change();
	for (struct further_scope **at = &d->state->also; *at;)
		if ((*at)->root->state->collected)
			retire(at);
		else
			at = &(*at)->next;
	if (d->root && d->root->state->collected)
		reroot(ld, d);
	end_change();
}

void scope_free_retired(struct loader *ld)
{
	while (retired) {
		struct further_scope *next = retired->retired;

		heap_free(&ld->heap, retired);
		retired = next;
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
	if (loader_is_running(ld))
		debug(ld, DEBUG_SCOPES, "\nadd %s [%ld] to global scope", d->path, ns->id);
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
		if ((d->preloaded || d->flags_1 & DF_1_INTERPOSE) && d->ns == &ld->base &&
			scope_join_global(ld, &ld->base, d) < 0)
			return -1;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind != DSO_VDSO && d->ns == &ld->base &&
			scope_join_global(ld, &ld->base, d) < 0)
			return -1;
	return 0;
}

/* A scope's objects, as far as there is room. */
static void scope_text(const struct scope *s, char *buf, size_t n)
{
	struct sink text = sink_buffer(buf, n);

	for (size_t i = 0; i < s->count; i++)
		sink_put(&text, " %s", s->list[i]->path);
	sink_end(&text, n);
}

static void tell_scope(struct loader *ld, const struct scope *s, unsigned index)
{
	char text[1024];

	scope_text(s, text, sizeof text);
	debug(ld, DEBUG_SCOPES, " scope %u:%s", index, text);
}

void scope_tell(struct loader *ld, const struct dso *d)
{
	unsigned n = 0;

	debug(ld, DEBUG_SCOPES, "object=%s [%ld]", d->path, d->ns->id);
	if (d->kind == DSO_SELF)
		debug(ld, DEBUG_SCOPES, " no scope");
	else
		tell_scope(ld, &d->ns->global, n++);
	if (d->kind == DSO_VDSO)
		debug(ld, DEBUG_SCOPES, " scope %u: %s", n++, d->path);
	if (d->root)
		tell_scope(ld, &d->root->state->scope, n++);
	for (const struct further_scope *f = d->state->also; f; f = f->next)
		tell_scope(ld, &f->root->state->scope, n++);
	debug(ld, DEBUG_SCOPES, "%s", "");
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

void scope_free_further(struct loader *ld, struct dso *d)
{
	free_list(ld, d->state->also);
}

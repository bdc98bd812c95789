/* load.c: the breadth-first load, and the scopes that come of it (gABI, "Shared Object
 * Dependencies").
 *
 * The load order is a queue: each object's needs are appended behind it, so that walking it once
 * loads everything breadth-first.
 */
#include "load/load.h"
#include "object/dynamic.h"
#include "load/map.h"
#include "base/mem.h"
#include "search/trace.h"
#include "object/debugger.h"
#include "symbol/bloom.h"
#include "base/sys.h"
#include "tls/tls.h"
#include "symbol/unique.h"
#include "state/libc.h"

void deps_append(struct loader *ld, struct dso *d)
{
	d->state->prev = ld->last;
	/* dl_iterate_phdr walks without the lock: d is whole when it can be seen. */
	__atomic_store_n(ld->last ? &ld->last->state->next : &ld->first, d, __ATOMIC_RELEASE);
	ld->last = d;
	d->state->listed = true;
	debugger_add(d);
	ld->adds++;
}

void deps_remove(struct loader *ld, struct dso *d)
{
	struct dso *prev = d->state->prev, *next = d->state->next;

	__atomic_store_n(prev ? &prev->state->next : &ld->first, next, __ATOMIC_RELEASE);
	*(next ? &next->state->prev : &ld->last) = prev;
	d->state->listed = false;
	debugger_remove(d);
	unique_forget(ld, d);
	if (d == d->ns->libc)
		d->ns->libc = NULL;
	if (d == d->ns->threads)
		d->ns->threads = NULL;
	for (struct dso *x = deps_opened(ld); x; x = dso_next(x))
		if (x->needed_by == d)
			x->needed_by = NULL;
	ld->subs++;
}

void deps_forget(struct loader *ld, struct dso *d)
{
	if (ld->abi->forget)
		ld->abi->forget(ld, d);
	map_remove(ld, d);
	heap_free(&ld->heap, d->state->by_address);
	heap_free(&ld->heap, d->state->scope.list);
	bloom_free(ld, &d->state->scope);
	heap_free(&ld->heap, d->state->bound);
	heap_free(&ld->heap, d->state->origin);
	dso_free(ld, d);
}

/* ---- One object ---- */

/* Whether objects of ns may mean d by its name; the loader serves them all. */
static bool is_in(const struct namespace *ns, const struct dso *d)
{
	return (d->ns == ns || d->kind == DSO_SELF) && !d->state->closing;
}

static struct dso *loaded_name(struct loader *ld, const struct namespace *ns, const char *name)
{
	for (struct dso *d = ld->first; d; d = dso_next(d)) {
		if ((d->kind != DSO_LIBRARY && d->kind != DSO_SELF) || !is_in(ns, d))
			continue;
		if (d->name && !strcmp(d->name, name))
			return d;
		if (ld->abi->match_soname && d->soname && !strcmp(d->soname, name))
			return d;
	}
	return NULL;
}

static struct dso *loaded_file(
	struct loader *ld, const struct namespace *ns, const struct file_info *info)
{
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->ino == info->ino && d->dev == info->dev && d->ino && is_in(ns, d))
			return d;
	return NULL;
}

/* The page of the dynamic section will be written to, by the world or by relocations beside it: if
 * the first access is a write, there is one fault and not two.  A snapshot's is shared for as long
 * as it can be. */
static void take_dynamic_page(const struct dso *d, const struct found *found)
{
	uintptr_t *tag = (uintptr_t *)d->map->l_ld, null = DT_NULL;

	if (tag && !found->place && dso_contains(d, (uintptr_t)tag - d->base, sizeof *tag, PF_W))
		__atomic_compare_exchange_n(
			tag, &null, DT_NULL, false, __ATOMIC_RELAXED, __ATOMIC_RELAXED);
}

static int add_object(struct loader *ld, struct dso *d, const struct found *found)
{
	if (!d->name)
		return fail(ld, "%s: no memory to load it", found->path);
	if (map_object(ld, found, d) < 0)
		return -1;
	take_dynamic_page(d, found);
	if (dynamic_decode(ld, d) < 0)
		return -1;
	/* At start-up the world has its first look when all are loaded. */
	if (ld->started && ld->abi->describe && ld->abi->describe(ld, d) < 0)
		return -1;
	if (d->tls.memsz && tls_add(ld, d) < 0)
		return -1;
	deps_append(ld, d);
	return 0;
}

/* The object that an open file is: loaded already, or a new one.  Closes the file. */
static struct dso *take_file(struct loader *ld, struct namespace *ns, const struct found *found,
	const char *name, struct dso *by)
{
	struct dso *d = loaded_file(ld, ns, &found->info);

	if (!d) {
		d = dso_new(ld, DSO_LIBRARY);
		if (!d)
			fail(ld, "%s: no memory to load it", found->path);
	}
	if (d && !d->state->listed) {
		d->ns = ns;
		d->name = dso_strdup(ld, d, name);
		d->needed_by = by;
		if (add_object(ld, d, found) < 0) {
			deps_forget(ld, d);
			d = NULL;
		}
	}
	sys_close(found->fd);
	return d;
}

void deps_choose_world(struct loader *ld, const char *name)
{
	const struct libc_abi *w = abi_of(name);

	if (w && ld->abi == &abi_none && !ld->tls.closed) {
		debug(ld, DEBUG_FILES, "world %s, because of %s", w->name, name);
		ld->abi = w;
	}
}

/* Two libcs of different worlds cannot share a process. */
static bool is_foreign(struct loader *ld, const char *name, const struct dso *by)
{
	const struct libc_abi *w = abi_of(name);

	if (!w || w == ld->abi)
		return false;
	fail(ld, "%s: needed by %s: a library of the %s world, but the program's is %s", name,
		by->path, w->name, ld->abi->name);
	return true;
}

static struct dso *load_libc(
	struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
{
	struct found found;

	if (!ns->libc && ld->abi->open_libc(ld, name, by, &found) == 0)
		ns->libc = take_file(ld, ns, &found, name, by);
	return ns->libc;
}

/* The loader stands where something first needs it; otherwise behind all of start-up. */
static struct dso *load_self(struct loader *ld)
{
	if (!ld->self->state->listed)
		deps_append(ld, ld->self);
	return ld->self;
}

struct dso *deps_load(struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
{
	struct found found;
	struct dso *d;

	if (!*name) {
		fail(ld, "%s: a needed library's name is empty", by->path);
		return NULL;
	}
	deps_choose_world(ld, name);
	if (ld->abi->is_libc && ld->abi->is_libc(name))
		return load_libc(ld, ns, name, by);
	if (ld->abi->is_self && ld->abi->is_self(name))
		return load_self(ld);
	if (is_foreign(ld, name, by))
		return NULL;
	d = strchr(name, '/') ? NULL : loaded_name(ld, ns, name);
	if (d)
		return d;
	loader_block_signals(ld);
	if (search_library(ld, name, by, &ld->scratch, &found) < 0)
		return NULL;
	return take_file(ld, ns, &found, name, by);
}

struct dso *deps_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
{
	struct found found;
	struct dso *d;

	if (ld->abi->is_libc && ld->abi->is_libc(name))
		return ns->libc;
	if (ld->abi->is_self && ld->abi->is_self(name))
		return ld->self;
	d = strchr(name, '/') ? NULL : loaded_name(ld, ns, name);
	if (d)
		return d;
	loader_block_signals(ld);
	if (search_library(ld, name, by, &ld->scratch, &found) < 0)
		return NULL;
	sys_close(found.fd);
	return loaded_file(ld, ns, &found.info);
}

static size_t count_preloaded(struct loader *ld)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		n += d->preloaded;
	return n;
}

/* Preloaded libraries come first among the program's own, so that their constructors run before
 * its. */
static size_t preloaded_deps(struct loader *ld, struct dso *program)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->preloaded)
			program->deps[n++] = d;
	return n;
}

static int load_deps(struct loader *ld, struct dso *d)
{
	size_t preloaded = d == ld->program && ld->abi->preload_is_needed ? count_preloaded(ld) : 0;
	int r = 0;

	if (d->deps)
		return 0;
	d->deps = dso_alloc(ld, d, (preloaded + d->nneeded + 1) * sizeof *d->deps);
	if (!d->deps)
		return fail(ld, "%s: no memory for its %zu dependencies", d->path, d->nneeded);
	if (preloaded)
		d->ndeps = preloaded_deps(ld, d);
	for (size_t i = 0; i < d->nneeded; i++) {
		struct dso *dep = deps_load(ld, d->ns, d->needed[i], d);

		if (dep)
			d->deps[d->ndeps++] = dep;
		else
			r = -1;
	}
	return r;
}

int deps_load_all(struct loader *ld, struct dso *from)
{
	int r = 0;

	for (struct dso *d = from; d; d = dso_next(d))
		if (load_deps(ld, d) < 0)
			r = -1;
	return r;
}

int deps_preload(struct loader *ld, const char *list, const char *where)
{
	char name[4096];

	while (list && *list) {
		size_t n = 0;
		struct dso *d;

		while (list[n] && list[n] != ':' && list[n] != ' ' && n < sizeof name - 1)
			n++;
		memcpy(name, list, n);
		name[n] = 0;
		list += n + (list[n] != 0);
		if (!n)
			continue;
		d = deps_load(ld, &ld->base, name, ld->program);
		if (d && d != ld->program) {
			d->preloaded = true;
			continue;
		}
		if (d)
			continue;
		/* As every ld.so does: say so and go on without it.  Each start does. */
		trace_unrecordable(ld, "a warning");
		print(2, "myld.so: %s: %s cannot be preloaded, ignored:\n", where, name);
		diag_print(&ld->diag, 2);
		diag_clear(&ld->diag);
	}
	return 0;
}

/* ---- Scopes ---- */

struct walk deps_walk(struct loader *ld)
{
	return (struct walk){.number = ++ld->walks};
}

void deps_reach(struct walk *w, struct dso *d)
{
	if (deps_seen(w, d))
		return;
	d->state->seen = w->number;
	d->state->reach_next = NULL;
	*(w->last ? &w->last->state->reach_next : &w->first) = d;
	w->last = d;
}

/* Objects reachable from d, breadth-first, into list (NULL: only count them); those that were
 * preloaded come right behind the program. */
static size_t reach(struct loader *ld, struct dso *d, struct dso **list)
{
	size_t n = 0;
	struct walk w = deps_walk(ld);

	deps_reach(&w, d);
	for (struct dso *x = ld->first; x && d == ld->program; x = dso_next(x))
		if (x->preloaded)
			deps_reach(&w, x);
	for (struct dso *x = w.first; x; x = x->state->reach_next) {
		if (list)
			list[n] = x;
		n++;
		for (size_t i = 0; i < x->ndeps; i++)
			deps_reach(&w, x->deps[i]);
	}
	return n;
}

int deps_make_scope(struct loader *ld, struct dso *d)
{
	struct scope *s = &d->state->scope;
	size_t n;

	if (s->count)
		return 0;
	loader_block_signals(ld);
	n = reach(ld, d, NULL);
	s->list = heap_alloc(&ld->heap, n * sizeof *s->list, 0, 0);
	if (!s->list)
		return fail(ld, "%s: no memory for its scope of %zu objects", d->path, n);
	s->count = s->room = reach(ld, d, s->list);
	return 0;
}

/* The loader itself is in the global scope of each namespace. */
static bool is_global(const struct namespace *ns, const struct dso *d)
{
	for (size_t i = 0; d->kind == DSO_SELF && i < ns->global.count; i++)
		if (ns->global.list[i] == d)
			return true;
	return d->kind != DSO_SELF && d->state->global;
}

int deps_make_global(struct loader *ld, struct namespace *ns, struct dso *d)
{
	struct scope *g = &ns->global;

	if (is_global(ns, d))
		return 0;
	loader_block_signals(ld);
	if (g->count == g->room) {
		size_t room = g->room ? 2 * g->room : 32;
		struct dso **list = heap_alloc(&ld->heap, room * sizeof *list, 0, 0);

		if (!list)
			return fail(ld, "%s: no memory for the global scope", d->path);
		if (g->count)
			memcpy(list, g->list, g->count * sizeof *list);
		heap_free(&ld->heap, g->list);
		g->list = list;
		g->room = room;
	}
	g->list[g->count++] = d;
	d->state->global = true;
	return 0;
}

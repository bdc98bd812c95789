/* deps.c: the breadth-first load, and the scopes that come of it (gABI, "Shared Object
 * Dependencies").
 *
 * The load order is a queue: each object's needs are appended behind it, so that walking it once
 * loads everything breadth-first.
 */
#include "deps.h"
#include "dynamic.h"
#include "map.h"
#include "mem.h"
#include "rdebug.h"
#include "sys.h"
#include "tls.h"
#include "unique.h"
#include "world.h"

void deps_append(struct loader *ld, struct dso *d)
{
	d->prev = ld->last;
	if (ld->last)
		ld->last->next = d;
	else
		ld->first = d;
	ld->last = d;
	rdebug_add(d);
	ld->adds++;
}

void deps_remove_after(struct loader *ld, struct dso *last)
{
	for (struct dso *d = last->next; d; d = d->next) {
		rdebug_remove(d);
		unique_forget(ld, d);
		map_remove(ld, d);
		heap_free(&ld->heap, d->scope);
		heap_free(&ld->heap, d->origin);
		if (d == ld->libc)
			ld->libc = NULL;
		ld->subs++;
	}
	last->next = NULL;
	ld->last = last;
}

static struct dso *loaded_name(struct loader *ld, const char *name)
{
	for (struct dso *d = ld->first; d; d = d->next) {
		if (d->kind != DSO_LIBRARY && d->kind != DSO_SELF)
			continue;
		if (d->name && !strcmp(d->name, name))
			return d;
		if (ld->world->match_soname && d->soname && !strcmp(d->soname, name))
			return d;
	}
	return NULL;
}

static struct dso *loaded_file(struct loader *ld, const struct file_info *info)
{
	for (struct dso *d = ld->first; d; d = d->next)
		if (d->ino == info->ino && d->dev == info->dev && d->ino)
			return d;
	return NULL;
}

static struct dso *add_object(
	struct loader *ld, const struct found *found, const char *name, struct dso *by)
{
	struct dso *d = arena_alloc(&ld->permanent, sizeof *d);

	if (!d) {
		fail(ld, "%s: no memory to load it", found->path);
		return NULL;
	}
	d->kind = DSO_LIBRARY;
	d->name = arena_strdup(&ld->permanent, name);
	d->needed_by = by;
	if (map_object(ld, found, d) < 0)
		return NULL;
	if (dynamic_decode(ld, d) < 0 || (d->tls.memsz && tls_add(ld, d) < 0)) {
		map_remove(ld, d);
		return NULL;
	}
	deps_append(ld, d);
	return d;
}

/* The object that an open file is: loaded already, or a new one.  Closes the file. */
static struct dso *take_file(
	struct loader *ld, const struct found *found, const char *name, struct dso *by)
{
	struct dso *d = loaded_file(ld, &found->info);

	if (!d)
		d = add_object(ld, found, name, by);
	sys_close(found->fd);
	return d;
}

void deps_choose_world(struct loader *ld, const char *name)
{
	const struct world *w = world_of(name);

	if (w && ld->world == &world_free && !ld->tls.closed) {
		debug(ld, DEBUG_FILES, "world %s, because of %s", w->name, name);
		ld->world = w;
	}
}

static struct dso *load_libc(struct loader *ld, const char *name, struct dso *by)
{
	struct found found;

	if (!ld->libc && ld->world->open_libc(ld, name, by, &found) == 0)
		ld->libc = take_file(ld, &found, name, by);
	return ld->libc;
}

struct dso *deps_load(struct loader *ld, const char *name, struct dso *by)
{
	struct found found;
	struct dso *d;

	if (!*name) {
		fail(ld, "%s: a needed library's name is empty", by ? by->path : "myld.so");
		return NULL;
	}
	deps_choose_world(ld, name);
	if (!ld->world->is_libc && !strcmp(name, "libc.so.6")) {
		fail(ld,
			"%s: needs libc.so.6 (glibc): this myld.so runs programs of musl and "
			"programs without a libc",
			by ? by->path : ld->program->path);
		return NULL;
	}
	if (ld->world->is_libc && ld->world->is_libc(name))
		return load_libc(ld, name, by);
	d = strchr(name, '/') ? NULL : loaded_name(ld, name);
	if (d || search_library(ld, name, by, &ld->permanent, &found) < 0)
		return d;
	return take_file(ld, &found, name, by);
}

struct dso *deps_find(struct loader *ld, const char *name, struct dso *by)
{
	struct found found;
	struct dso *d;

	if (ld->world->is_libc && ld->world->is_libc(name))
		return ld->libc;
	d = strchr(name, '/') ? NULL : loaded_name(ld, name);
	if (d || search_library(ld, name, by, &ld->scratch, &found) < 0)
		return d;
	sys_close(found.fd);
	return loaded_file(ld, &found.info);
}

static size_t count_preloaded(struct loader *ld)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = d->next)
		n += d->preloaded;
	return n;
}

/* Preloaded libraries come first among the program's own, so that their constructors run before
 * its. */
static size_t preloaded_deps(struct loader *ld, struct dso *program)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = d->next)
		if (d->preloaded)
			program->deps[n++] = d;
	return n;
}

static int load_deps(struct loader *ld, struct dso *d)
{
	size_t preloaded =
		d == ld->program && ld->world->preload_is_needed ? count_preloaded(ld) : 0;
	int r = 0;

	if (d->deps)
		return 0;
	d->deps = arena_alloc(&ld->permanent, (preloaded + d->nneeded + 1) * sizeof *d->deps);
	if (!d->deps)
		return fail(ld, "%s: no memory for its %zu dependencies", d->path, d->nneeded);
	if (preloaded)
		d->ndeps = preloaded_deps(ld, d);
	for (size_t i = 0; i < d->nneeded; i++) {
		struct dso *dep = deps_load(ld, d->needed[i], d);

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

	for (struct dso *d = from; d; d = d->next)
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
		d = deps_load(ld, name, ld->program);
		if (d && d != ld->program) {
			d->preloaded = true;
			continue;
		}
		if (d)
			continue;
		/* As every ld.so does: say so and go on without it. */
		print(2, "myld.so: %s: %s cannot be preloaded, ignored:\n", where, name);
		diag_print(&ld->diag, 2);
		diag_clear(&ld->diag);
	}
	return 0;
}

/* ---- Scopes ---- */

/* Objects reachable from d, breadth-first, into list (NULL: only count them).  Marks are false
 * again afterwards. */
static size_t reach(struct dso *d, struct dso **list)
{
	size_t n = 0;
	struct dso *tail = d, *next;

	d->reach_next = NULL;
	d->mark = true;
	for (struct dso *x = d; x; x = x->reach_next) {
		if (list)
			list[n] = x;
		n++;
		for (size_t i = 0; i < x->ndeps; i++) {
			if (x->deps[i]->mark)
				continue;
			x->deps[i]->mark = true;
			x->deps[i]->reach_next = NULL;
			tail->reach_next = x->deps[i];
			tail = x->deps[i];
		}
	}
	for (struct dso *x = d; x; x = next) {
		next = x->reach_next;
		x->mark = false;
	}
	return n;
}

int deps_make_scope(struct loader *ld, struct dso *d)
{
	size_t n;

	if (d->scope)
		return 0;
	n = reach(d, NULL);
	d->scope = heap_alloc(&ld->heap, n * sizeof *d->scope, 0, 0);
	if (!d->scope)
		return fail(ld, "%s: no memory for its scope of %zu objects", d->path, n);
	d->nscope = reach(d, d->scope);
	return 0;
}

int deps_make_global(struct loader *ld, struct dso *d)
{
	struct scope *g = &ld->global;

	if (d->global)
		return 0;
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
	d->global = true;
	return 0;
}

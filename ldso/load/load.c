/* load.c: loads objects and, breadth-first, all that they need (gABI, "Shared Object
 * Dependencies").
 *
 * The load order is a queue: each object's needs are appended behind it, so that walking it once
 * loads everything breadth-first.
 */
#include "load/load.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/sys.h"
#include "load/map.h"
#include "load/unload.h"
#include "object/dynamic.h"
#include "object/load_order.h"
#include "search/search.h"
#include "search/trace.h"
#include "state/libc.h"
#include "tls/tls.h"

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
	if (loader_is_running(ld) && ld->abi->describe && ld->abi->describe(ld, d) < 0)
		return -1;
	if (d->tls.memsz && tls_add(ld, d) < 0)
		return -1;
	load_order_append(ld, d);
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
			unload_free(ld, d);
			d = NULL;
		}
	}
	sys_close(found->fd);
	return d;
}

void load_choose_abi(struct loader *ld, const char *name)
{
	const struct libc_abi *w = abi_of(name);

	if (w && !ld->abi->claims && ld->phase < PHASE_LAID_OUT) {
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
		load_order_append(ld, ld->self);
	return ld->self;
}

struct dso *load_object(struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
{
	struct found found;
	struct dso *d;

	if (!*name) {
		fail(ld, "%s: a needed library's name is empty", by->path);
		return NULL;
	}
	load_choose_abi(ld, name);
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

struct dso *load_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
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
		struct dso *dep = load_object(ld, d->ns, d->needed[i], d);

		if (dep)
			d->deps[d->ndeps++] = dep;
		else
			r = -1;
	}
	return r;
}

int load_needed(struct loader *ld, struct dso *from)
{
	int r = 0;

	for (struct dso *d = from; d; d = dso_next(d))
		if (load_deps(ld, d) < 0)
			r = -1;
	return r;
}

static void preload(struct loader *ld, const char *list, const char *where)
{
	size_t n;

	for (const char *word; (word = list_next(&list, ": ", &n));) {
		char name[4096];
		struct dso *d;

		if (!n || n >= sizeof name)
			continue;
		memcpy(name, word, n);
		name[n] = 0;
		d = load_object(ld, &ld->base, name, ld->program);
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
}

int load_libraries(struct loader *ld)
{
	int r;

	preload(ld, search_preload(ld), "LD_PRELOAD");
	preload(ld, ld->config.preload_option, "--preload");
	preload(ld, search_preload_file(ld), ld->abi->preload_file);
	r = load_needed(ld, ld->program);
	/* Where libc and interpreter are one, every program has it, needed or not. */
	if (ld->abi->open_libc && !ld->base.libc &&
		!load_object(ld, &ld->base, "libc.so", ld->program))
		r = -1;
	return r;
}

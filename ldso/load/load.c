/* load.c: loads objects and, breadth-first, their dependencies (gABI, "Shared Object
 * Dependencies").
 *
 * The load order is a queue: each object's dependencies are appended to it, so that one walk along
 * it loads everything breadth-first.
 */
#include "load/load.h"
#include "base/list.h"
#include "base/mem.h"
#include "base/sys.h"
#include "load/map.h"
#include "load/unload.h"
#include "object/dynamic.h"
#include "object/load_order.h"
#include "object/names.h"
#include "search/search.h"
#include "search/trace.h"
#include "state/auditing.h"
#include "state/libc.h"
#include "state/words.h"
#include "tls/tls.h"

/* Whether names in ns may refer to d; the loader is visible in all namespaces. */
static bool is_visible(const struct namespace *ns, const struct dso *d)
{
	return (d->ns == ns || d->kind == DSO_SELF) && !d->state->closing;
}

/* Whether d is known by this name before any file is looked at. */
static bool answers_to(const struct loader *ld, const struct dso *d, const char *name)
{
	if (ld->abi->match_names)
		return names_match(d, name);
	return d->name && !strcmp(d->name, name) && !strchr(name, '/');
}

static struct dso *find_by_name(struct loader *ld, const struct namespace *ns, const char *name)
{
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (is_visible(ns, d) && answers_to(ld, d, name))
			return d;
	return NULL;
}

/* An object of the same file.  The program's is not looked at, as it is not known when the kernel has
 * mapped it. */
static struct dso *find_by_file(
	struct loader *ld, const struct namespace *ns, const struct file_info *info)
{
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->ino == info->ino && d->dev == info->dev && d->ino && is_visible(ns, d) &&
			!(d->kind == DSO_PROGRAM && ld->abi->match_names))
			return d;
	return NULL;
}

/* Prefaults the page of .dynamic for writing, which saves a page fault, since the libc ABI or
 * relocations will write to that page anyway.  Prelinked pages are left shared. */
static void prefault_dynamic_page(const struct dso *d, const struct found *found)
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
	prefault_dynamic_page(d, found);
	if (dynamic_decode(ld, d) < 0)
		return -1;
	if (d->flags_1 & DF_1_PIE)
		return fail_unfit(ld, words_asked(d), d->path,
			"cannot dynamically load position-independent executable", "DF_1_PIE");
	/* At start-up prepare() does this when all objects are loaded. */
	if (loader_is_running(ld) && ld->abi->describe && ld->abi->describe(ld, d) < 0)
		return -1;
	if (d->tls.memsz && tls_add(ld, d) < 0)
		return -1;
	load_order_append(ld, d);
	return 0;
}

/* Loads a file that no object of ns is of.  NULL: reported. */
static struct dso *load_file(struct loader *ld, struct namespace *ns, const struct found *found,
	const char *name, struct dso *by)
{
	struct dso *d = dso_new(ld, DSO_LIBRARY);

	if (!d) {
		fail(ld, "%s: no memory to load it", found->path);
		return NULL;
	}
	d->ns = ns;
	d->name = dso_strdup(ld, d, name);
	d->needed_by = by;
	if (add_object(ld, d, found) < 0) {
		unload_free(ld, d);
		return NULL;
	}
	/* It is in the load order: dlopen rolls it back. */
	if (auditing_tells(ld, d) && ld->auditing->opened(ld, d) < 0)
		return NULL;
	return d;
}

/* The object of an open file: one that is loaded, or a new one.  Closes the file.  NULL:
 * reported. */
static struct dso *object_of_file(struct loader *ld, struct namespace *ns,
	const struct found *found, const char *name, struct dso *by)
{
	struct dso *d = find_by_file(ld, ns, &found->info);

	if (!d)
		d = load_file(ld, ns, found, name, by);
	else if (ld->abi->match_names && names_add(ld, d, name) < 0)
		d = NULL;
	sys_close(found->fd);
	return d;
}

void load_choose_abi(struct loader *ld, const char *name)
{
	const struct libc_abi *abi = abi_of(name);

	if (abi && !ld->abi->claims && ld->phase < PHASE_LAID_OUT) {
		debug(ld, DEBUG_FILES, "libc %s, because of %s", abi->name, name);
		ld->abi = abi;
	}
}

/* Reports a name that is another libc's than the program's, since a process can only have one, or
 * that of a libc which no build of the loader for this machine supports. */
static bool is_of_other_libc(struct loader *ld, const char *name, const struct dso *by)
{
	const struct libc_abi *abi = abi_of(name);

	if (abi_is_unsupported(name)) {
		fail(ld, "%s: needed by %s: glibc is not supported on %s", name, by->path,
			ARCH_NAME);
		return true;
	}
	if (!abi || abi == ld->abi)
		return false;
	fail(ld, "%s: needed by %s: a library of %s, but the program's libc is %s", name, by->path,
		abi->name, ld->abi->name);
	return true;
}

static struct dso *load_libc(
	struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
{
	struct found found;

	if (!ns->libc && ld->abi->open_libc(ld, name, by, &found) == 0)
		ns->libc = object_of_file(ld, ns, &found, name, by);
	return ns->libc;
}

/* The loader's object, which joins the load order when a library of the program first needs it;
 * otherwise at the end of start-up. */
static struct dso *load_self(struct loader *ld, const struct namespace *ns)
{
	if (!ld->self->state->listed && ns == &ld->base)
		load_order_append(ld, ld->self);
	return ld->self;
}

/* Opens the library that `by` needs by this name, or by the one that auditors give.  *asked: the
 * latter.  -1: reported. */
static int find_file(struct loader *ld, const char *name, struct dso *by, struct found *found,
	const char **asked)
{
	*asked = ld->auditing ? ld->auditing->search(ld, name, by, AUDIT_ASKED) : name;
	if (!*asked)
		return fail_to_open(ld, name, NO_SUCH_FILE, by ? by->path : NULL,
			by ? "" : "; refused by an auditor");
	return search_library(ld, *asked, by, &ld->scratch, found);
}

struct dso *load_object(struct loader *ld, struct namespace *ns, const char *name, struct dso *by,
	enum load_reason reason)
{
	struct found found;
	const char *asked;
	struct dso *d;

	if (!*name) {
		fail(ld, "%s: DT_NEEDED: an empty name", by->path);
		return NULL;
	}
	load_choose_abi(ld, name);
	if (ld->abi->is_libc && ld->abi->is_libc(name))
		return load_libc(ld, ns, name, by);
	if (ld->abi->is_self && ld->abi->is_self(name))
		return load_self(ld, ns);
	d = find_by_name(ld, ns, name);
	if (d)
		return d;
	if (by)
		debug(ld, DEBUG_FILES, "\nfile=%s [%ld];  %s by %s [%ld]", name, ns->id,
			reason == LOAD_OPENED ? "dynamically loaded" : "needed", by->path,
			by->ns->id);
	if (find_file(ld, name, by, &found, &asked) < 0)
		return NULL;
	/* Only now: a file of that name may be no library at all, but a linker's script. */
	if (is_of_other_libc(ld, name, by)) {
		sys_close(found.fd);
		return NULL;
	}
	d = object_of_file(ld, ns, &found, asked, by);
	return d && asked != name && names_add(ld, d, name) < 0 ? NULL : d;
}

struct dso *load_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by)
{
	struct found found;
	const char *asked;
	struct dso *d;

	if (ld->abi->is_libc && ld->abi->is_libc(name))
		return ns->libc;
	if (ld->abi->is_self && ld->abi->is_self(name))
		return ld->self;
	d = find_by_name(ld, ns, name);
	if (d)
		return d;
	if (find_file(ld, name, by, &found, &asked) < 0)
		return NULL;
	sys_close(found.fd);
	d = find_by_file(ld, ns, &found.info);
	return d && ld->abi->match_names && names_add(ld, d, name) < 0 ? NULL : d;
}

static size_t count_preloaded(struct loader *ld)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		n += d->preloaded;
	return n;
}

/* Makes the preloaded libraries the program's first dependencies, so that their constructors run
 * before those of the others; returns their number. */
static size_t add_preloaded_deps(struct loader *ld, struct dso *program)
{
	size_t n = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->preloaded)
			program->deps[n++] = d;
	return n;
}

/* Records that a library is missing, at its place in the load order, for --list: once, as the other
 * loader takes it for loaded then.  The message stays. */
static void note_missing(struct loader *ld, const char *name)
{
	struct missing **at = &ld->missing, *m;

	if (!config_lists(ld->config.mode) || !ld->diag.last ||
		ld->diag.last->about != ABOUT_ABSENCE)
		return;
	for (; *at; at = &(*at)->next)
		if (!strcmp((*at)->name, name))
			return;
	m = arena_alloc(&ld->permanent, sizeof *m);
	if (!m)
		return;
	*m = (struct missing){NULL, name, ld->last};
	*at = m;
}

/* The filtee of a DT_AUXILIARY.  NULL: there is none, which is no failure. */
static struct dso *load_auxiliary(struct loader *ld, const char *name, struct dso *d)
{
	struct diag before = ld->diag;
	struct dso *dep = load_object(ld, d->ns, name, d, LOAD_NEEDED);

	if (!dep)
		diag_return(&ld->diag, &before);
	return dep;
}

static bool comes_after(const struct dso *d, const struct dso *x)
{
	while (d && d != x)
		d = dso_next(d);
	return d != NULL;
}

static void add_filtee(struct loader *ld, struct dso *d, struct dso *filtee)
{
	d->filtees[d->nfiltees++] = filtee;
	if (filtee != d && comes_after(d, filtee))
		load_order_move(ld, filtee, d);
	trace_unrecordable_file(ld, d->path, "has filtees");
}

/* Loads what entry i of d's needs names.  -1: reported. */
static int load_dep(struct loader *ld, struct dso *d, size_t i)
{
	enum need kind = d->need_kinds ? d->need_kinds[i] : NEED_LIBRARY;
	struct dso *dep;

	if (kind != NEED_LIBRARY && !ld->abi->filters)
		return 0;
	dep = kind == NEED_AUXILIARY ? load_auxiliary(ld, d->needed[i], d)
				     : load_object(ld, d->ns, d->needed[i], d, LOAD_NEEDED);
	if (!dep && kind == NEED_AUXILIARY)
		return 0;
	if (!dep) {
		note_missing(ld, d->needed[i]);
		return -1;
	}
	d->deps[d->ndeps++] = dep;
	if (kind != NEED_LIBRARY)
		add_filtee(ld, d, dep);
	return 0;
}

static int load_deps(struct loader *ld, struct dso *d)
{
	size_t preloaded = d == ld->program && ld->abi->preload_is_needed ? count_preloaded(ld) : 0;
	int r = 0;

	if (d->deps)
		return 0;
	d->deps = dso_alloc(ld, d, (preloaded + d->nneeded + 1) * sizeof *d->deps);
	if (d->need_kinds)
		d->filtees = dso_alloc(ld, d, d->nneeded * sizeof *d->filtees);
	if (!d->deps || (d->need_kinds && !d->filtees))
		return fail(ld, "%s: no memory for its %zu dependencies", d->path, d->nneeded);
	if (preloaded)
		d->ndeps = add_preloaded_deps(ld, d);
	for (size_t i = 0; i < d->nneeded; i++)
		if (load_dep(ld, d, i) < 0)
			r = -1;
	return r;
}

/* The object whose dependencies come next: d's filtees, which have been put before it, or the one
 * behind it.  before: the last object whose turn is not now. */
static struct dso *next_to_load(const struct dso *d, const struct dso *before)
{
	struct dso *next = dso_next(d);

	for (struct dso *x = d->state->prev; x && x != before && !x->deps; x = x->state->prev)
		next = x;
	return next;
}

int load_needed(struct loader *ld, struct dso *from)
{
	const struct dso *before = from ? from->state->prev : NULL;
	int r = 0;

	for (struct dso *d = from; d; d = next_to_load(d, before))
		if (load_deps(ld, d) < 0)
			r = -1;
	return r;
}

/* Preloads the libraries of a list.  Failures are warned of, as every ld.so does. */
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
		d = load_object(ld, &ld->base, name, ld->program, LOAD_NEEDED);
		if (d && d != ld->program) {
			d->preloaded = true;
			continue;
		}
		if (d)
			continue;
		/* A start by a plan would not print it. */
		trace_unrecordable(ld, "it prints a warning");
		words_warn_preload(ld, name, where);
	}
}

int load_libraries(struct loader *ld)
{
	int r;

	preload(ld, search_preload(ld), "LD_PRELOAD");
	preload(ld, ld->config.preload_option, "--preload");
	preload(ld, search_preload_file(ld), ld->abi->preload_file);
	if (ld->auditing && ld->vdso && ld->auditing->opened(ld, ld->vdso) < 0)
		return -1;
	r = load_needed(ld, ld->program);
	/* Where libc and interpreter are one file, every program has it, even without DT_NEEDED. */
	if (r == 0 && ld->abi->open_libc && !ld->base.libc &&
		!load_object(ld, &ld->base, "libc.so", ld->program, LOAD_NEEDED))
		r = -1;
	search_end(ld);
	return r;
}

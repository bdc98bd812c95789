/* dlfcn.c: the dl* family.  dlopen is a transaction: it commits, or everything is as it was.
 *
 * The only place that rolls back.  What a failed dlopen may leave: directories that were looked at.
 * Constructors run after the commit, without the lock.
 */
#include "dlfcn.h"
#include "deps.h"
#include "dynamic.h"
#include "init.h"
#include "map.h"
#include "mem.h"
#include "rdebug.h"
#include "reloc.h"
#include "search.h"
#include "sys.h"
#include "tls.h"
#include "world.h"

/* ---- A call ---- */

/* Each function takes the lock once, and what it needed in between is given back at the end. */
static struct arena_mark enter(struct loader *ld)
{
	loader_lock(ld);
	return arena_mark(&ld->scratch);
}

/* Moves what fail() kept to the calling thread's text for dlerror. */
static void keep_error(struct loader *ld)
{
	struct tls_thread *t = tls_self(ld);
	size_t n = diag_text(&ld->diag, NULL, 0) + 1;

	loader_keep_signals_out(ld);
	if (!t->error && !t->blocks && ld->world->watch_thread)
		ld->world->watch_thread(ld, t);
	heap_free(&ld->heap, t->error);
	t->error = heap_alloc(&ld->heap, n, 0, 0);
	if (t->error)
		diag_text(&ld->diag, t->error, n);
	t->error_set = true;
	diag_clear(&ld->diag);
}

static void leave(struct loader *ld, struct arena_mark mark, bool failed)
{
	if (failed)
		keep_error(ld);
	arena_release(&ld->scratch, mark);
	loader_unlock(ld);
}

char *api_dlerror(void)
{
	static char no_memory[] = "out of memory";
	struct tls_thread *t = tls_self(&loader);

	if (!t->error_set)
		return NULL;
	t->error_set = false;
	return t->error ? t->error : no_memory;
}

/* ---- Objects ---- */

struct dso *dso_of_address(struct loader *ld, uintptr_t addr)
{
	const struct vm_area *area = vm_find(&ld->vm, addr);

	if (area && area->what.owner)
		for (struct dso *d = ld->first; d; d = d->next)
			if (&d->owner == area->what.owner)
				return dso_contains(d, addr - d->base, 1, 0) ? d : NULL;
	return NULL;
}

static struct dso *dso_of_handle(struct loader *ld, void *handle)
{
	for (struct dso *d = ld->first; d; d = d->next)
		if (d == handle)
			return d;
	fail(ld, "invalid handle %p: no object that dlopen returned", handle);
	return NULL;
}

/* ---- dlopen ---- */

/* The state to go back to. */
struct transaction {
	struct arena_mark permanent;
	struct dso *last, *libc;
	size_t modules, globals;
	size_t surplus;
};

static struct transaction begin(struct loader *ld)
{
	return (struct transaction){arena_mark(&ld->permanent), ld->last, ld->libc, ld->tls.count,
		ld->global.count, ld->tls.surplus_start};
}

static void roll_back(struct loader *ld, const struct transaction *t)
{
	for (size_t i = t->globals; i < ld->global.count; i++)
		ld->global.list[i]->global = false;
	ld->global.count = t->globals;
	tls_truncate(ld, t->modules);
	ld->tls.surplus_start = t->surplus;
	deps_remove_after(ld, t->last);
	ld->libc = t->libc;
	arena_release(&ld->permanent, t->permanent);
}

/* Dependencies first: the load order backwards. */
static int relocate_all(struct loader *ld, struct dso *before, enum binding binding)
{
	struct reloc_work work;
	enum bound all = BOUND;

	reloc_begin(&work);
	for (struct dso *d = ld->last; d != before && all != BROKEN; d = d->prev) {
		enum bound r = reloc_object(ld, d, binding, &work);

		all = r > all ? r : all;
	}
	if (work.copies.first)
		return fail(
			ld, "%s: COPY relocation: only a program may have one", before->next->path);
	if (all != BOUND)
		return -1;
	for (struct dso *d = before->next; d; d = d->next)
		if (init_check(ld, d) < 0)
			return -1;
	reloc_ifuncs(ld, &work);
	for (struct dso *d = before->next; d; d = d->next) {
		tls_start_module(ld, d);
		if (map_protect_relro(ld, d) < 0)
			return -1;
	}
	return 0;
}

static int bring_in(struct loader *ld, struct dso *root, struct dso *before, int mode)
{
	int r = 0;

	if (deps_load_all(ld, before->next) < 0)
		return -1;
	for (struct dso *d = before->next; d; d = d->next) {
		d->root = root;
		if (ld->world->match_versions && version_check(ld, d) < 0)
			r = -1;
	}
	if (r < 0 || deps_make_scope(ld, root) < 0)
		return -1;
	if (relocate_all(
		    ld, before, mode & RTLD_NOW || ld->config.bind_now ? BIND_NOW : BIND_LAZY) < 0)
		return -1;
	if (mode & RTLD_GLOBAL)
		for (size_t i = 0; i < root->nscope; i++)
			if (deps_make_global(ld, root->scope[i]) < 0)
				return -1;
	return 0;
}

static struct dso *open_new(struct loader *ld, const char *name, int mode, struct dso *by)
{
	struct transaction t = begin(ld);
	struct dso *d = deps_load(ld, name, by);
	bool added = ld->last != t.last;

	if (added)
		rdebug_state(RT_ADD);
	if (!d || bring_in(ld, d, t.last, mode) < 0) {
		d = NULL;
		roll_back(ld, &t);
	}
	if (added)
		rdebug_state(RT_CONSISTENT);
	return d;
}

static struct dso *open_loaded(struct loader *ld, const char *name, int mode, struct dso *by)
{
	struct dso *d = deps_find(ld, name, by);

	if (!d)
		fail(ld, "%s: not loaded", name);
	else if (mode & RTLD_GLOBAL && bring_in(ld, d, ld->last, mode) < 0)
		d = NULL;
	return d;
}

static struct dso *open_object(struct loader *ld, const char *name, int mode, uintptr_t caller)
{
	struct dso *by = dso_of_address(ld, caller);

	if (!by)
		by = ld->program;
	if (ld->exiting) {
		fail(ld, "%s: cannot be opened while the program exits", name);
		return NULL;
	}
	if (loader_open(ld) < 0)
		return NULL;
	return mode & RTLD_NOLOAD ? open_loaded(ld, name, mode, by) : open_new(ld, name, mode, by);
}

void *api_dlopen(const char *name, int mode)
{
	struct loader *ld = &loader;
	struct arena_mark mark;
	struct dso *d;

	if (!name)
		return ld->program;
	if (ld->world->before_dlopen)
		ld->world->before_dlopen(ld);
	mark = enter(ld);
	d = open_object(ld, name, mode, (uintptr_t)__builtin_return_address(0));
	/* Constructors may call back, and let other threads in: by then the scratch arena is as it
	 * was. */
	if (d)
		arena_release(&ld->scratch, mark);
	if (d && init_run(ld, d) < 0)
		d = NULL;
	leave(ld, mark, !d);
	return d;
}

/* musl never unloads, and a program without a libc has no use for it: the handle stays good. */
int api_dlclose(void *handle)
{
	struct loader *ld = &loader;
	struct arena_mark mark = enter(ld);
	bool good = dso_of_handle(ld, handle);

	leave(ld, mark, !good);
	return good ? 0 : 1;
}

/* ---- dlsym ---- */

#define RTLD_DEFAULT ((void *)0)
#define RTLD_NEXT    ((void *)-1)

/* Behind the caller in the scope that it was bound in. */
static bool find_next(struct loader *ld, struct wanted *w, struct dso *caller, struct def *def)
{
	struct dso **list = ld->global.list;
	size_t n = ld->global.count, i;

	if (caller && !caller->global && caller->root) {
		list = caller->root->scope;
		n = caller->root->nscope;
	}
	for (i = 0; i < n && list[i] != caller; i++)
		;
	return i < n && symbol_in_list(ld, list + i + 1, n - i - 1, w, def);
}

static bool find_for_handle(
	struct loader *ld, void *handle, struct wanted *w, uintptr_t caller, struct def *def)
{
	struct dso *d;

	if (handle == RTLD_NEXT)
		return find_next(ld, w, dso_of_address(ld, caller), def);
	if (handle == RTLD_DEFAULT) {
		d = dso_of_address(ld, caller);
		return symbol_find(ld, d ? d : ld->program, w, def);
	}
	d = dso_of_handle(ld, handle);
	if (!d)
		return false;
	if (d == ld->program)
		return symbol_in_list(ld, ld->global.list, ld->global.count, w, def);
	if (!d->scope && (loader_open(ld) < 0 || deps_make_scope(ld, d) < 0))
		return false;
	return symbol_in_list(ld, d->scope, d->nscope, w, def);
}

static bool is_tls_symbol(const struct def *def)
{
	return ELF_ST_TYPE(def->sym->st_info) == STT_TLS;
}

void *api_dlsym(void *restrict handle, const char *restrict name)
{
	struct loader *ld = &loader;
	struct arena_mark mark = enter(ld);
	struct wanted w = symbol_wanted(name, NULL);
	uintptr_t address = 0;
	struct def def;
	bool found;

	w.newest = true;
	found = find_for_handle(ld, handle, &w, (uintptr_t)__builtin_return_address(0), &def) ||
		(!ld->diag.count && ld->world->missing && ld->world->missing(ld, name, &def));
	if (found && !is_tls_symbol(&def))
		address = symbol_address(ld, &def);
	if (!found && !ld->diag.count)
		fail(ld, "undefined symbol: %s", name);
	leave(ld, mark, !found);
	if (found && is_tls_symbol(&def)) {
		struct tls_index index = {def.dso->tls.module, def.sym->st_value - ARCH_DTP_BIAS};

		return tls_address(&index);
	}
	return (void *)address;
}

/* ---- dladdr, dlinfo, dl_iterate_phdr ---- */

static bool names_address(const Elf_Sym *sym)
{
	unsigned type = ELF_ST_TYPE(sym->st_info);

	return sym->st_value && sym->st_shndx != SHN_UNDEF && sym->st_shndx != SHN_ABS &&
	       (type <= STT_FUNC || type == STT_COMMON || type == STT_GNU_IFUNC);
}

/* The symbol that addr lies in, or the last one before it if that has no size. */
static const Elf_Sym *symbol_at(const struct dso *d, uintptr_t addr)
{
	const Elf_Sym *best = NULL;
	size_t n = symbol_count(d);

	addr -= d->base;
	for (size_t i = 0; i < n; i++) {
		const Elf_Sym *sym = &d->symtab.sym[i];

		if (!names_address(sym) || sym->st_value > addr ||
			sym->st_name >= d->symtab.str_size)
			continue;
		if (!best || sym->st_value > best->st_value)
			best = sym;
	}
	if (best && best->st_size && addr - best->st_value >= best->st_size)
		return NULL;
	return best;
}

int api_dladdr(const void *address, struct dl_info *info)
{
	struct loader *ld = &loader;
	struct dso *d;

	loader_lock(ld);
	d = dso_of_address(ld, (uintptr_t)address);
	if (d) {
		const Elf_Sym *sym = symbol_at(d, (uintptr_t)address);

		info->dli_fname = d->path;
		info->dli_fbase = (void *)d->start;
		info->dli_sname = sym ? d->symtab.str + sym->st_name : NULL;
		info->dli_saddr = sym ? dso_at(d, sym->st_value) : NULL;
	}
	loader_unlock(ld);
	return d != NULL;
}

static int info_of(struct loader *ld, struct dso *d, int request, void *result)
{
	switch (request) {
	case RTLD_DI_LINKMAP: *(struct link_map **)result = &d->map; return 0;
	case RTLD_DI_LMID: *(long *)result = 0; return 0;
	case RTLD_DI_ORIGIN: {
		const char *origin;

		if (loader_open(ld) < 0)
			return -1;
		origin = search_origin(ld, d);
		if (!origin)
			return -1;
		memcpy(result, origin, strlen(origin) + 1);
		return 0;
	}
	case RTLD_DI_TLS_MODID: *(size_t *)result = d->tls.module; return 0;
	case RTLD_DI_TLS_DATA: *(void **)result = tls_peek(ld, d); return 0;
	case RTLD_DI_PHDR: *(const Elf_Phdr **)result = d->phdr; return (int)d->phnum;
	}
	return fail(ld, "dlinfo: request %d: not supported", request);
}

int api_dlinfo(void *handle, int request, void *result)
{
	struct loader *ld = &loader;
	struct arena_mark mark = enter(ld);
	struct dso *d = dso_of_handle(ld, handle);
	int r = d ? info_of(ld, d, request, result) : -1;

	leave(ld, mark, r < 0);
	return r;
}

/* The callback may call back into the loader, and may throw: no lock is held while it runs. Objects
 * that are added meanwhile are seen or not; nothing that is shown goes away under it, as nothing is
 * unloaded. */
int api_dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	struct loader *ld = &loader;
	int r = 0;

	for (struct dso *d = ld->first, *next; d && !r; d = next) {
		struct dl_phdr_info info;

		loader_lock(ld);
		info = (struct dl_phdr_info){d->base, d->path, d->phdr, (uint16_t)d->phnum,
			ld->adds, ld->subs, d->tls.module, tls_peek(ld, d)};
		loader_unlock(ld);
		r = callback(&info, sizeof info, data);
		loader_lock(ld);
		next = d->next;
		loader_unlock(ld);
	}
	return r;
}

/* ---- Names for programs without a libc ---- */

#define EXPORT(name)                                                                               \
	extern __typeof(api_##name) name __attribute__((alias("api_" #name), visibility("defaul"   \
											"t")))

EXPORT(dlopen);
EXPORT(dlsym);
EXPORT(dlclose);
EXPORT(dlerror);
EXPORT(dladdr);
EXPORT(dlinfo);
EXPORT(dl_iterate_phdr);

/* dlsym.c: questions about what is loaded: dlsym, dladdr, dlinfo, dl_iterate_phdr. */
#include "load/load.h"
#include "dl/dl.h"
#include "base/mem.h"
#include "symbol/by_address.h"
#include "search/search.h"
#include "symbol/symbol.h"
#include "tls/tls.h"
#include "state/libc.h"

/* ---- Objects ---- */

struct dso *dso_of_address(struct loader *ld, uintptr_t addr)
{
	const struct vm_area *area;
	struct dso *d;

	if (vm_table_due(&ld->vm)) {
		loader_block_signals(ld);
		vm_make_table(&ld->vm);
	}
	area = vm_find(&ld->vm, addr);
	d = area && area->what.owner ? area->what.owner->object : NULL;

	return d && d->state->listed && dso_contains(d, addr - d->base, 1, 0) ? d : NULL;
}

/* ---- dlsym ---- */

#define RTLD_DEFAULT ((void *)0)
#define RTLD_NEXT    ((void *)-1)

/* Behind the caller in the scope that it was bound in. */
static bool find_next(struct loader *ld, struct wanted *w, struct dso *caller, struct def *def)
{
	struct scope *s;
	size_t i = 0;

	if (!caller)
		return false;
	s = caller->state->global || !caller->root ? &caller->ns->global
						   : &caller->root->state->scope;
	while (i < s->count && s->list[i] != caller)
		i++;
	return i < s->count && symbol_in_scope(ld, s, i + 1, w, def);
}

static bool find_default(struct loader *ld, struct wanted *w, struct dso *caller, struct def *def)
{
	if (!caller)
		caller = ld->program;
	if (!symbol_find(ld, caller, w, def))
		return false;
	/* What the caller was told of must not go before it. */
	return symbol_bound(ld, caller, def) == 0;
}

static bool find_for_handle(
	struct loader *ld, void *handle, struct wanted *w, uintptr_t caller, struct def *def)
{
	struct dso *d;

	if (handle == RTLD_NEXT)
		return find_next(ld, w, dso_of_address(ld, caller), def);
	if (handle == RTLD_DEFAULT)
		return find_default(ld, w, dso_of_address(ld, caller), def);
	d = dl_object(ld, handle);
	if (!d)
		return false;
	if (d == ld->program)
		return symbol_in_scope(ld, &ld->base.global, 0, w, def);
	return deps_make_scope(ld, d) == 0 && symbol_in_scope(ld, &d->state->scope, 0, w, def);
}

static bool is_tls_symbol(const struct def *def)
{
	return ELF_ST_TYPE(def->sym->st_info) == STT_TLS;
}

/* What a program knows an object's file by. */
static const char *file_name(const struct loader *ld, const struct dso *d)
{
	return d == ld->program && ld->abi->program_nameless && ld->config.argc ? ld->config.argv[0]
										: d->path;
}

static void report_missing(
	struct loader *ld, void *handle, const char *name, const char *version, uintptr_t caller)
{
	struct dso *d = NULL;

	if (handle == RTLD_DEFAULT || handle == RTLD_NEXT)
		d = dso_of_address(ld, caller);
	else
		for (d = ld->first; d && d->map != handle;)
			d = dso_next(d);
	if (!d)
		d = ld->program;
	fail(ld, "%s: undefined symbol: %s%s%s", file_name(ld, d), name,
		version ? ", version " : "", version ? version : "");
}

void *dl_sym(void *handle, const char *name, const char *version, uintptr_t caller)
{
	struct loader *ld = &loader;
	struct arena_mark mark = dl_enter(ld);
	struct version exact = {.name = version, .hidden = true};
	struct wanted w;
	uintptr_t address = 0;
	struct def def;
	bool found;

	if (version)
		exact.hash = symbol_sysv_hash(version);
	w = symbol_wanted(name, version ? &exact : NULL);
	w.newest = true;
	found = find_for_handle(ld, handle, &w, caller, &def) ||
		(!ld->diag.count && ld->abi->fallback_symbol &&
			ld->abi->fallback_symbol(ld, name, &def));
	if (found && !is_tls_symbol(&def))
		address = symbol_address(ld, &def);
	if (!found && !ld->diag.count)
		report_missing(ld, handle, name, version, caller);
	dl_leave(ld, mark, !found);
	if (found && is_tls_symbol(&def)) {
		struct tls_index index = {def.dso->tls.module, def.sym->st_value - ARCH_DTP_BIAS};

		return tls_address(&index);
	}
	return (void *)address;
}

void *api_dlsym(void *restrict handle, const char *restrict name)
{
	return dl_sym(handle, name, NULL, (uintptr_t)__builtin_return_address(0));
}

/* ---- dladdr ---- */

int dl_addr(
	const void *address, struct dl_info *info, const Elf_Sym **symbol, struct link_map **map)
{
	struct loader *ld = &loader;
	struct dso *d;

	loader_lock(ld);
	d = dso_of_address(ld, (uintptr_t)address);
	if (d) {
		const Elf_Sym *sym = symbol_by_address(ld, d, (uintptr_t)address);

		info->dli_fname = file_name(ld, d);
		info->dli_fbase = (void *)d->start;
		info->dli_sname = sym ? d->symtab.str + sym->st_name : NULL;
		info->dli_saddr = sym ? dso_at(d, sym->st_value) : NULL;
		if (symbol)
			*symbol = sym;
		if (map)
			*map = d->map;
	}
	loader_unlock(ld);
	return d != NULL;
}

int api_dladdr(const void *address, struct dl_info *info)
{
	return dl_addr(address, info, NULL, NULL);
}

/* ---- dlinfo ---- */

static int origin_of(struct loader *ld, struct dso *d, char *result)
{
	const char *origin;

	loader_block_signals(ld);
	origin = search_origin(ld, d);
	if (!origin)
		return fail(ld, "%s: its directory is unknown", d->path);
	memcpy(result, origin, strlen(origin) + 1);
	return 0;
}

/* A search path as it is gathered; into: NULL while it is only measured. */
struct serinfo {
	size_t bytes; /* of the names */
	unsigned count;
	struct dl_serinfo *into;
	char *names;
};

static void add_directory(void *arg, const char *directory)
{
	struct serinfo *s = arg;
	size_t n = strlen(directory) + 1;

	if (s->into) {
		s->into->dls_serpath[s->count] = (struct dl_serpath){s->names + s->bytes, 0};
		memcpy(s->names + s->bytes, directory, n);
	}
	s->bytes += n;
	s->count++;
}

static int measure(struct loader *ld, struct dso *d, struct dl_serinfo *size)
{
	struct serinfo s = {0};

	/* $ORIGIN is remembered in the object. */
	loader_block_signals(ld);
	if (search_directories(ld, d, add_directory, &s) < 0)
		return -1;
	size->dls_cnt = s.count;
	size->dls_size = sizeof *size + s.count * sizeof *size->dls_serpath + s.bytes;
	return 0;
}

/* The caller has written the size of his memory there (RTLD_DI_SERINFOSIZE): it must be the one
 * that is needed now. */
static int search_path_of(struct loader *ld, struct dso *d, struct dl_serinfo *result)
{
	struct serinfo s = {.into = result};
	struct dl_serinfo now;

	if (measure(ld, d, &now) < 0)
		return -1;
	if (result->dls_size != now.dls_size || result->dls_cnt != now.dls_cnt)
		return fail(ld,
			"%s: RTLD_DI_SERINFO: room for %u directories, %zu bytes; expected "
			"%u, %zu",
			d->path, result->dls_cnt, result->dls_size, now.dls_cnt, now.dls_size);
	s.names = (char *)&result->dls_serpath[now.dls_cnt];
	return search_directories(ld, d, add_directory, &s);
}

static int info_of(struct loader *ld, struct dso *d, int request, void *result)
{
	switch (request) {
	case RTLD_DI_LINKMAP: *(struct link_map **)result = d->map; return 0;
	case RTLD_DI_LMID: *(long *)result = d->ns->id; return 0;
	case RTLD_DI_SERINFOSIZE: return measure(ld, d, result);
	case RTLD_DI_SERINFO: return search_path_of(ld, d, result);
	case RTLD_DI_ORIGIN: return origin_of(ld, d, result);
	case RTLD_DI_TLS_MODID: *(size_t *)result = d->tls.module; return 0;
	case RTLD_DI_TLS_DATA: *(void **)result = tls_peek(ld, d); return 0;
	case RTLD_DI_PHDR: *(const Elf_Phdr **)result = d->phdr; return (int)d->phnum;
	}
	return fail(ld, "dlinfo: request %d: not supported", request);
}

int api_dlinfo(void *handle, int request, void *result)
{
	struct loader *ld = &loader;
	struct arena_mark mark = dl_enter(ld);
	struct dso *d = dl_object(ld, handle);
	int r = d ? info_of(ld, d, request, result) : -1;

	dl_leave(ld, mark, r < 0);
	return r;
}

/* ---- dl_iterate_phdr ---- */

/* A block outside of the static area is found by tables that may be replaced. */
static void *tls_block(struct loader *ld, const struct dso *d)
{
	void *block;

	if (!d->tls.module)
		return NULL;
	if (d->tls.is_static)
		return tls_peek(ld, d);
	loader_lock(ld);
	block = tls_peek(ld, d);
	loader_unlock(ld);
	return block;
}

static struct dl_phdr_info phdr_info(struct loader *ld, const struct dso *d)
{
	const char *name = d == ld->program && ld->abi->program_nameless ? "" : d->path;

	return (struct dl_phdr_info){d->base, name, d->phdr, (uint16_t)d->phnum, ld->adds, ld->subs,
		d->tls.module, tls_block(ld, d)};
}

/* The first one that code of ns sees, from *link on; the loader is in each namespace.  Links change
 * while this walks along them, each by one store. */
static const struct dso *next_in(const struct namespace *ns, struct dso *const *link)
{
	const struct dso *d = __atomic_load_n(link, __ATOMIC_ACQUIRE);

	while (d && d->ns != ns && d->kind != DSO_SELF)
		d = __atomic_load_n(&d->state->next, __ATOMIC_ACQUIRE);
	return d;
}

/* Whose objects code at address `caller` sees. */
static const struct namespace *namespace_of(struct loader *ld, uintptr_t caller)
{
	const struct namespace *ns = &ld->base;
	const struct dso *d;

	/* Before code of another namespace can run there is a second one. */
	if (!__atomic_load_n(&ns->next, __ATOMIC_RELAXED))
		return ns;
	loader_lock(ld);
	d = dso_of_address(ld, caller);
	if (d)
		ns = d->ns;
	loader_unlock(ld);
	return ns;
}

static int call_all(struct loader *ld, const struct namespace *ns,
	int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	int r = 0;

	for (const struct dso *d = next_in(ns, &ld->first); d && !r;
		d = next_in(ns, &d->state->next)) {
		struct dl_phdr_info info = phdr_info(ld, d);

		r = callback(&info, sizeof info, data);
	}
	return r;
}

/* The last reader to leave buries what was closed meanwhile.  Whoever closes looks for readers
 * again when all of it is on the list: one of the two sees what the other has done. */
static void leave(struct loader *ld)
{
	if (__atomic_sub_fetch(&ld->readers, 1, __ATOMIC_RELEASE))
		return;
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	if (!__atomic_load_n(&ld->dead, __ATOMIC_RELAXED))
		return;
	loader_lock(ld);
	loader_block_signals(ld);
	dl_bury_dead(ld);
	loader_unlock(ld);
}

/* The callback may call back into the loader: the loader's lock is not held while it runs, nor on
 * the way from one object to the next.  Those that are added meanwhile are seen or not; those that
 * are closed stay in memory, with their link to the next, until the last reader has left. */
int dl_iterate(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data, uintptr_t caller)
{
	struct loader *ld = &loader;
	const struct namespace *ns = namespace_of(ld, caller);
	int r;

	if (ld->abi->serial_callbacks)
		lock_take(&ld->callbacks, loader_thread(ld));
	__atomic_add_fetch(&ld->readers, 1, __ATOMIC_RELAXED);
	__atomic_thread_fence(__ATOMIC_SEQ_CST);
	r = call_all(ld, ns, callback, data);
	leave(ld);
	if (ld->abi->serial_callbacks)
		lock_give_back(&ld->callbacks);
	return r;
}

int api_dl_iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	return dl_iterate(callback, data, (uintptr_t)__builtin_return_address(0));
}

/* ---- Names for programs without a libc ---- */

EXPORT(dlsym);
EXPORT(dladdr);
EXPORT(dlinfo);
EXPORT(dl_iterate_phdr);

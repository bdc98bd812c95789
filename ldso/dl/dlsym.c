/* dlsym.c: looks up a symbol by name, in a handle or in the caller's scopes. */
#include "dl/dl.h"
#include "base/hash.h"
#include "object/scope.h"
#include "reloc/reloc.h"
#include "state/auditing.h"
#include "state/libc.h"
#include "symbol/symbol.h"
#include "tls/tls.h"

#define RTLD_DEFAULT ((void *)0)
#define RTLD_NEXT    ((void *)-1)

/* The scope in which RTLD_NEXT searches behind the caller: that which brought it, or, for some libcs,
 * the global one if the caller is in it. */
static struct scope *next_scope(const struct loader *ld, struct dso *caller)
{
	if (!ld->abi->next_by_needs)
		return caller->state->global || !caller->root ? &caller->ns->global
							      : &caller->root->state->scope;
	while (caller->needed_by)
		caller = caller->needed_by;
	return caller->root ? scope_of(caller) : &caller->ns->global;
}

static bool find_next(struct loader *ld, struct wanted *w, struct dso *caller, struct def *def)
{
	struct scope *s;
	size_t i = 0;

	if (!caller)
		return false;
	s = next_scope(ld, caller);
	while (i < s->count && s->list[i] != caller)
		i++;
	return i < s->count && symbol_in_scope(ld, s, i + 1, w, def);
}

static bool find_default(struct loader *ld, struct wanted *w, struct dso *caller, struct def *def)
{
	if (!caller)
		caller = ld->program;
	if (symbol_find(ld, caller, w, def) != LOOKUP_FOUND)
		return false;
	/* The definition's object must not be unloaded before the caller. */
	return symbol_add_dependency(ld, caller, def) == 0;
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
	if (!d->state->scope.count && dl_may_change(ld, "dlsym") < 0)
		return false;
	return scope_make(ld, d) == 0 && symbol_in_scope(ld, scope_of(d), 0, w, def);
}

static bool is_tls_symbol(const struct def *def)
{
	return ELF_ST_TYPE(def->sym->st_info) == STT_TLS;
}

/* Whether the definition has an address; if not, it is damaged, which is reported. */
static bool has_address(struct loader *ld, const struct def *def)
{
	if (is_tls_symbol(def) && !def->dso->tls.module) {
		fail(ld, "%s: symbol %s: thread-local, but the object has no PT_TLS",
			def->dso->path, def->dso->symtab.str + def->sym->st_name);
		return false;
	}
	return reloc_check_resolver(ld, def) == 0;
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
	fail(ld, "%s: undefined symbol: %s%s%s", dl_file_name(ld, d), name,
		version ? ", version " : "", version ? version : "");
}

void *dl_sym(void *handle, const char *name, const char *version, uintptr_t caller)
{
	struct loader *ld = &loader;
	struct arena_mark mark = dl_enter(ld);
	struct version exact = {.name = version, .hidden = true};
	struct wanted w;
	struct dso *by = NULL; /* whose code calls, for auditors */
	uintptr_t address = 0;
	struct def def;
	bool found;

	if (version)
		exact.hash = hash_sysv(version);
	w = symbol_wanted(name, version ? &exact : NULL);
	w.newest = true;
	found = find_for_handle(ld, handle, &w, caller, &def) ||
		(!ld->diag.count && ld->abi->fallback_symbol &&
			ld->abi->fallback_symbol(ld, name, &def));
	found = found && has_address(ld, &def);
	if (found && !is_tls_symbol(&def))
		address = symbol_address(ld, &def);
	if (!found && !ld->diag.count)
		report_missing(ld, handle, name, version, caller);
	if (found && ld->auditing)
		by = dso_of_address(ld, caller);
	dl_leave(ld, mark, found ? DL_OK : DL_FAILED);
	if (found && is_tls_symbol(&def)) {
		struct tls_index index = {def.dso->tls.module, def.sym->st_value - ARCH_DTP_BIAS};

		address = (uintptr_t)tls_address(&index);
	}
	if (found && ld->auditing)
		address = ld->auditing->found(ld, by, &def, address);
	return (void *)address;
}

void *api_dlsym(void *restrict handle, const char *restrict name)
{
	return dl_sym(handle, name, NULL, (uintptr_t)__builtin_return_address(0));
}

EXPORT(dlsym);

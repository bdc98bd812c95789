/* definition.c: the address of a definition, and the dependency on its object. */
#include "symbol/symbol.h"
#include "arch/entry.h"
#include "state/libc.h"

#define LEAST_BOUND 8 /* initial capacity of a list of dependencies */

/* Objects that are dependencies anyway are recorded too: checking costs more than recording. */
int symbol_add_dependency(struct loader *ld, struct dso *d, const struct def *def)
{
	struct dso *to = def->dso;

	if (!to->root || to == d || to->state->nodelete || !ld->abi->unloads)
		return 0;
	if (loader_is_running(ld) && !loader_is_locked(ld))
		return -1;
	/* An object of start-up is never unloaded, nor is what it is bound to.  A signal handler
	 * that has interrupted the loader cannot use the list. */
	if (!d->root || !loader_may_change(ld)) {
		to->state->nodelete = true;
		return 0;
	}
	for (size_t i = d->state->nbound; i-- > 0;)
		if (d->state->bound[i] == to)
			return 0;
	if (d->state->nbound == d->state->bound_room &&
		!heap_grow(&ld->heap, &d->state->bound, sizeof *d->state->bound,
			&d->state->bound_room, LEAST_BOUND))
		return fail(ld, "%s: no memory for the list of objects it is bound to", d->path);
	d->state->bound[d->state->nbound++] = to;
	return 0;
}

uintptr_t symbol_overridden(struct loader *ld, const struct def *def)
{
	const struct namespace *ns = def->dso->ns;

	if (!ld->abi->override || (def->dso != ns->libc && def->dso != ns->threads))
		return 0;
	return ld->abi->override(ld, def->dso->symtab.str + def->sym->st_name);
}

/* Calls an IFUNC resolver, which may call the loader. */
static uintptr_t resolve(struct loader *ld, uintptr_t resolver)
{
	unsigned before = loader_begin_foreign(ld);
	uintptr_t a, b, address;

	arch_ifunc_args(ld->config.hwcap, ld->config.hwcap2, &a, &b);
	address = arch_call_foreign(resolver, a, b);
	loader_end_foreign(ld, before);
	return address;
}

uintptr_t symbol_address(struct loader *ld, const struct def *def)
{
	const Elf_Sym *sym = def->sym;
	uintptr_t addr = sym->st_value, overridden = symbol_overridden(ld, def);

	/* gABI, "Symbol Table": an absolute symbol does not change because of relocation. */
	if (sym->st_shndx != SHN_ABS)
		addr += def->dso->base;
	if (overridden)
		return overridden;
	if (ELF_ST_TYPE(sym->st_info) == STT_GNU_IFUNC && sym->st_shndx != SHN_UNDEF)
		return resolve(ld, addr);
	return addr;
}

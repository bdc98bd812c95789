/* definition.c: the address of a definition, and the dependency on its object. */
#include "symbol/symbol.h"
#include "arch/entry.h"
#include "state/libc.h"

#define LEAST_BOUND 8 /* initial capacity of a list of dependencies */

/* Objects that are dependencies anyway are recorded too: checking costs more than recording. */
int symbol_add_dependency(struct loader *ld, struct dso *d, const struct def *def)
{
	struct dso *to = def->dso, **list;

	if (!to->root || to == d || to->state->nodelete || !ld->abi->unloads)
		return 0;
	for (size_t i = d->state->nbound; i-- > 0;)
		if (d->state->bound[i] == to)
			return 0;
	/* An object of start-up is never unloaded, nor is what it is bound to. */
	if (!d->root) {
		to->state->nodelete = true;
		return 0;
	}
	loader_block_signals(ld);
	if (d->state->nbound == d->state->bound_room) {
		list = heap_grow(&ld->heap, d->state->bound, sizeof *list, &d->state->bound_room,
			LEAST_BOUND);
		if (!list)
			return fail(ld, "%s: no memory for the list of objects it is bound to",
				d->path);
		d->state->bound = list;
	}
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

uintptr_t symbol_address(struct loader *ld, const struct def *def)
{
	const Elf_Sym *sym = def->sym;
	uintptr_t addr = sym->st_value, overridden = symbol_overridden(ld, def);

	/* gABI, "Symbol Table": an absolute symbol does not change because of relocation. */
	if (sym->st_shndx != SHN_ABS)
		addr += def->dso->base;
	if (overridden)
		return overridden;
	if (ELF_ST_TYPE(sym->st_info) == STT_GNU_IFUNC && sym->st_shndx != SHN_UNDEF) {
		uintptr_t a, b;

		arch_ifunc_args(ld->config.hwcap, ld->config.hwcap2, &a, &b);
		return arch_call_foreign(addr, a, b);
	}
	return addr;
}

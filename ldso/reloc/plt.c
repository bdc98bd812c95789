/* plt.c: binds a lazy PLT slot at its first call.
 *
 * resolve.S has saved the argument registers.  Other threads may bind the same slot at the same
 * time: they find the same address, and the store is one word.  The lock keeps the scopes unchanged
 * during the lookup.
 */
#include "arch/entry.h"
#include "base/sys.h"
#include "reloc/reloc.h"

/* Whether the relocation is one that prepare_slot() has seen: code may call the resolver with any
 * index. */
static bool is_slot(const struct dso *d, const struct reloc *r)
{
	return r->type == ARCH_R_JUMP_SLOT && reloc_may_stay_lazy(d, r->offset) &&
	       dso_contains(d, r->offset, sizeof(uintptr_t), PF_W);
}

/* 0: there is no function to jump to (reported). */
static uintptr_t address_of(struct loader *ld, const struct dso *d, const struct def *def)
{
	const char *name = def->dso->symtab.str + def->sym->st_name;
	uintptr_t to;

	if (def->sym->st_shndx == SHN_UNDEF) {
		fail(ld, "%s: call of the undefined local symbol %s", d->path, name);
		return 0;
	}
	if (reloc_check_resolver(ld, def) < 0)
		return 0;
	to = symbol_address(ld, def);
	if (!to)
		fail(ld, "%s: call of the symbol %s, whose address is 0", d->path, name);
	return to;
}

/* Binds the slot and returns the function's address.  0: reported. */
static uintptr_t bind_slot(struct loader *ld, struct dso *d, size_t index)
{
	struct reloc r;
	struct def def;
	uintptr_t to;

	if (index >= reloc_plt_count(d)) {
		fail(ld, "%s: PLT slot %zu, expected less than %zu", d->path, index,
			reloc_plt_count(d));
		return 0;
	}
	r = reloc_plt(d, index);
	if (!is_slot(d, &r)) {
		fail(ld,
			"%s: PLT slot %zu: relocation type %u at 0x%lx: not of a slot that is "
			"bound lazily",
			d->path, index, r.type, r.offset);
		return 0;
	}
	switch (reloc_symbol(ld, d, r.symbol, RELOC_FUNCTION, &def)) {
	case BOUND: break;
	case BOUND_NULL:
		fail(ld, "%s: call of the undefined weak symbol %s", d->path,
			d->symtab.str + d->symtab.sym[r.symbol].st_name);
		return 0;
	default: return 0;
	}
	to = address_of(ld, d, &def);
	if (!to)
		return 0;
	if (!ld->config.bind_not)
		__atomic_store_n((uintptr_t *)dso_at(d, r.offset), to, __ATOMIC_RELEASE);
	ld->statistics.lazy_bindings++;
	return to;
}

uintptr_t plt_resolve(struct dso *d, size_t index)
{
	uintptr_t to;

	loader_lock(&loader);
	to = bind_slot(&loader, d, index);
	if (!to) {
		diag_print(&loader.diag, 2);
		sys_exit(EXIT_LOADER);
	}
	loader_unlock(&loader);
	return to;
}

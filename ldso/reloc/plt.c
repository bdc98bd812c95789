/* plt.c: binds a lazy PLT slot at its first call.
 *
 * resolve.S has saved the argument registers.  Other threads may bind the same slot at the same
 * time: they find the same address, and the store is one word.  The lock keeps the scopes unchanged
 * during the lookup.
 */
#include "arch/entry.h"
#include "reloc/reloc.h"

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
	switch (reloc_symbol(ld, d, r.symbol, RELOC_FUNCTION, &def)) {
	case BOUND: break;
	case BOUND_NULL:
		fail(ld, "%s: call of the undefined weak symbol %s", d->path,
			d->symtab.str + d->symtab.sym[r.symbol].st_name);
		return 0;
	default: return 0;
	}
	to = symbol_address(ld, &def);
	/* The place was checked when the slot was prepared. */
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
	if (!to)
		loader_die(&loader);
	loader_unlock(&loader);
	return to;
}

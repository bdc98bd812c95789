/* plt.c: binds a lazy PLT slot at its first call.
 *
 * resolve.S has saved the argument registers.  Other threads may bind the same slot at the same
 * time: they find the same address, and the store is one word.  The lock keeps the scopes unchanged
 * during the lookup.
 *
 * A thread that holds the lock for long may wait for this one: in a sandbox, dlopen's calls are made
 * by a broker, which may be a thread.  So if the lock is not free a slot is bound without it, if the
 * scopes are seen not to change meanwhile and no dependency has to be recorded.
 */
#include "arch/entry.h"
#include "load/unload.h"
#include "object/scope.h"
#include "reloc/reloc.h"
#include "state/auditing.h"

/* Whether the relocation is one that prepare_slot() has seen: code may call the resolver with any
 * index. */
static bool is_slot(const struct loader *ld, const struct dso *d, const struct reloc *r)
{
	return r->type == ARCH_R_JUMP_SLOT &&
	       (reloc_may_stay_lazy(d, r->offset) || auditing_watches(ld, d)) &&
	       dso_contains(d, r->offset, sizeof(uintptr_t), PF_W);
}

/* Whether there is a function to jump to, or a resolver that tells one. */
static bool is_callable(struct loader *ld, const struct def *def)
{
	return def->sym->st_shndx != SHN_UNDEF && reloc_is_resolvable(ld, def);
}

/* Whether the slot is written. */
enum slot { SLOT_KEPT, SLOT_STORED };

/* The function's address, which is stored unless it is 0. */
static uintptr_t store_slot(
	struct loader *ld, struct dso *d, size_t index, const struct def *def, enum slot slot)
{
	uintptr_t to = symbol_address(ld, def);

	if (to && slot == SLOT_STORED && !ld->config.bind_not)
		__atomic_store_n(
			(uintptr_t *)dso_at(d, reloc_plt(d, index).offset), to, __ATOMIC_RELEASE);
	ld->statistics.lazy_bindings++;
	return to;
}

/* Reports a definition that cannot be called. */
static uintptr_t store_checked(
	struct loader *ld, struct dso *d, size_t index, const struct def *def, enum slot slot)
{
	const char *name = def->dso->symtab.str + def->sym->st_name;
	uintptr_t to;

	if (def->sym->st_shndx == SHN_UNDEF) {
		fail(ld, "%s: call of the undefined local symbol %s", d->path, name);
		return 0;
	}
	if (reloc_check_resolver(ld, def) < 0)
		return 0;
	to = store_slot(ld, d, index, def, slot);
	if (!to)
		fail(ld, "%s: call of the symbol %s, whose address is 0", d->path, name);
	return to;
}

/* Binds the slot and returns the function's address.  0: reported. */
static uintptr_t bind_slot(
	struct loader *ld, struct dso *d, size_t index, struct def *def, enum slot slot)
{
	struct reloc r;

	if (index >= reloc_plt_count(d)) {
		fail(ld, "%s: PLT slot %zu, expected less than %zu", d->path, index,
			reloc_plt_count(d));
		return 0;
	}
	r = reloc_plt(d, index);
	if (!is_slot(ld, d, &r)) {
		fail(ld,
			"%s: PLT slot %zu: relocation type %u at 0x%lx: not of a slot that is "
			"bound lazily",
			d->path, index, r.type, r.offset);
		return 0;
	}
	switch (reloc_symbol(ld, d, r.symbol, RELOC_FUNCTION, def)) {
	case BOUND: break;
	case BOUND_NULL:
		fail(ld, "%s: call of the undefined weak symbol %s", d->path,
			d->symtab.str + d->symtab.sym[r.symbol].st_name);
		return 0;
	default: return 0;
	}
	return store_checked(ld, d, index, def, slot);
}

static bool is_damaged(const struct loader *ld, const struct dso *d, size_t index)
{
	const struct symtab *s = &d->symtab;
	struct reloc r;

	if (index >= reloc_plt_count(d))
		return true;
	r = reloc_plt(d, index);
	return !is_slot(ld, d, &r) || !s->sym || r.symbol >= s->limit ||
	       s->sym[r.symbol].st_name >= s->str_size;
}

/* Binds the slot without the lock.  0: not possible; nothing is reported. */
static uintptr_t bind_unlocked(
	struct loader *ld, struct dso *d, size_t index, struct def *def, enum slot slot)
{
	unsigned version;
	uintptr_t to = 0;

	if (is_damaged(ld, d, index))
		return 0;
	unload_enter_reader(ld);
	version = scope_version();
	if (version % 2 == 0 &&
		reloc_find(ld, d, reloc_plt(d, index).symbol, RELOC_FUNCTION, def) == BOUND &&
		scope_version() == version && is_callable(ld, def))
		to = store_slot(ld, d, index, def, slot);
	unload_leave_reader(ld);
	return to;
}

static uintptr_t bind(struct dso *d, size_t index, struct def *def, enum slot slot)
{
	struct arena_mark mark;
	struct diag before;
	uintptr_t to;

	if (!loader_try_lock(&loader)) {
		to = bind_unlocked(&loader, d, index, def, slot);
		if (to)
			return to;
		loader_lock(&loader);
	}
	mark = arena_mark(&loader.scratch);
	before = loader.diag;
	to = bind_slot(&loader, d, index, def, slot);
	if (!to)
		loader_die(&loader);
	/* Of a damaged table, where another object has the symbol. */
	if (loader.diag.count != before.count)
		diag_return(&loader.diag, &before);
	arena_release(&loader.scratch, mark);
	loader_unlock(&loader);
	return to;
}

uintptr_t plt_resolve(struct dso *d, size_t index)
{
	struct def def;

	return bind(d, index, &def, SLOT_STORED);
}

uintptr_t plt_find(struct dso *d, size_t index, struct def *def)
{
	return bind(d, index, def, SLOT_KEPT);
}

/* symbind.c: what auditors are told of bindings: PLT slots and dlsym. */
#include "audit/auditor.h"
#include "reloc/reloc.h"

/* Asks auditor i about a binding of `from`; *address becomes what it answers. */
static void ask(
	unsigned i, struct dso *from, const struct def *def, uintptr_t *address, unsigned *flags)
{
	Elf_Sym sym = audit_symbol(def, *address);
	uintptr_t answer = auditors.list[i].symbind(&sym, audit_index(def),
		&from->state->audited->by[i].cookie, &def->dso->state->audited->by[i].cookie, flags,
		audit_name(def));

	if (answer != *address)
		*flags |= SYMB_CHANGED;
	*address = answer;
}

static bool is_watched(unsigned i, const struct dso *from, const struct def *def)
{
	const struct audited *a = from->state->audited, *b = def->dso->state->audited;

	return a->by[i].flags & BIND_FROM && b && b->by[i].flags & BIND_TO;
}

void audit_bind_call(struct loader *ld, struct dso *from, struct call *call)
{
	unsigned before = loader_begin_foreign(ld);

	for (unsigned i = 0; i < auditors.count; i++) {
		unsigned unasked = SYMB_NO_ENTER | SYMB_NO_EXIT;

		if (is_watched(i, from, &call->def)) {
			if (auditors.list[i].symbind)
				ask(i, from, &call->def, &call->to, &call->flags);
			unasked &= call->flags;
		}
		call->unasked |= unasked << 2 * i;
	}
	loader_end_foreign(ld, before);
}

/* Tells of one slot that is bound and whose calls are not watched. */
static void tell_slot(struct loader *ld, struct dso *d, const struct reloc *r)
{
	uintptr_t *where = dso_at(d, r->offset);
	struct call call = {.to = *where};

	if (r->type != ARCH_R_JUMP_SLOT || !r->symbol || (d->lazy && reloc_may_be_lazy(ld, d, r)) ||
		reloc_find(ld, d, r->symbol, RELOC_FUNCTION, &call.def) != BOUND)
		return;
	call.flags = SYMB_NO_ENTER | SYMB_NO_EXIT;
	audit_bind_call(ld, d, &call);
	if (call.to != *where)
		*where = call.to;
}

/* Of slots that are bound before the first call auditors hear since version 2 of the interface. */
void audit_bound(struct loader *ld, struct dso *d)
{
	struct audited *a = d->state->audited;

	if (!a || ld->version_rules.audit_interface < 2 || d->kind == DSO_SELF ||
		d->kind == DSO_VDSO)
		return;
	for (size_t i = 0; i < a->ncalls; i++) {
		struct reloc r = reloc_plt(d, i);

		tell_slot(ld, d, &r);
	}
}

/* For dlsym ld.so asks an auditor that watches either object, for a slot one that watches both. */
uintptr_t audit_found(struct loader *ld, struct dso *from, const struct def *def, uintptr_t address)
{
	struct audited *a, *b = def->dso->state->audited;
	unsigned flags = 0;

	if (!from)
		from = ld->program;
	a = from->state->audited;
	for (unsigned i = 0; a && b && i < auditors.count; i++) {
		if (!auditors.list[i].symbind ||
			!(a->by[i].flags & BIND_FROM || b->by[i].flags & BIND_TO))
			continue;
		flags = (flags & SYMB_CHANGED) | SYMB_DLSYM;
		ask(i, from, def, &address, &flags);
	}
	return address;
}

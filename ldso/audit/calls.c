/* calls.c: calls through the PLT of an audited object; audit.S leads here.
 *
 * A slot is bound at its first call.  Where no auditor watches calls it is written then, as without
 * auditors; otherwise each call comes here, and the slot's definition is looked up once.  No lock is
 * held while an auditor's function runs.
 */
#include "arch/entry.h"
#include "audit/auditor.h"
#include "reloc/reloc.h"

static void store_slot(struct dso *d, size_t index, uintptr_t to)
{
	__atomic_store_n((uintptr_t *)dso_at(d, reloc_plt(d, index).offset), to, __ATOMIC_RELEASE);
}

/* Binds the slot.  Threads that do so at the same time find the same definition; each auditor hears of
 * both. */
static struct call bind(struct dso *d, size_t index)
{
	struct call call = {0}, *kept = &d->state->audited->calls[index];

	call.to = plt_find(d, index, &call.def);
	audit_bind_call(&loader, d, &call);
	loader_lock(&loader);
	if (!kept->ready || loader.config.bind_not) {
		*kept = call;
		__atomic_store_n(&kept->ready, true, __ATOMIC_RELEASE);
	}
	loader_unlock(&loader);
	if (!loader.auditing->watches_calls && !loader.config.bind_not)
		store_slot(d, index, call.to);
	return call;
}

/* The slot as it was bound last.  With LD_BIND_NOT that may change at any time. */
static struct call bound_call(struct dso *d, size_t index)
{
	const struct call *kept = &d->state->audited->calls[index];
	struct call call;

	if (!loader.config.bind_not)
		return *kept;
	loader_lock(&loader);
	call = *kept;
	loader_unlock(&loader);
	return call;
}

/* The slot at a call: bound now, unless that was done before. */
static struct call call_of(struct dso *d, size_t index)
{
	const struct call *kept = &d->state->audited->calls[index];

	if (__atomic_load_n(&kept->ready, __ATOMIC_ACQUIRE) && !loader.config.bind_not)
		return *kept;
	return bind(d, index);
}

static bool is_asked(const struct call *call, unsigned i, unsigned what)
{
	return !(call->unasked >> 2 * i & what);
}

/* An auditor that gives a size wants to be told of the return, with so many bytes of the stack's
 * arguments copied: the largest size counts, -1 is none. */
static void note_frame(long given, long *frame)
{
	if (given != -1 && given > *frame)
		*frame = given;
}

/* Auditor i tells that it has seen enough of a slot. */
static void stop_asking(struct dso *d, size_t index, unsigned i, unsigned flags)
{
	uint32_t bits = (uint32_t)(flags & (SYMB_NO_ENTER | SYMB_NO_EXIT)) << 2 * i;

	if (bits)
		__atomic_or_fetch(&d->state->audited->calls[index].unasked, bits, __ATOMIC_RELAXED);
}

/* Tells auditor i of a call. */
static void enter(struct dso *d, size_t index, struct call *call, unsigned i,
	struct arch_call_registers *regs, long *frame)
{
	Elf_Sym sym = audit_symbol(&call->def, call->to);
	unsigned flags = call->flags;
	long given = -1;
	uintptr_t to = auditors.list[i].pltenter(&sym, audit_index(&call->def),
		&d->state->audited->by[i].cookie, &call->def.dso->state->audited->by[i].cookie,
		regs, &flags, audit_name(&call->def), &given);

	if (to != call->to)
		flags |= SYMB_CHANGED;
	call->to = to;
	call->flags = flags;
	stop_asking(d, index, i, flags);
	if (!(flags & SYMB_NO_EXIT) && is_asked(call, i, SYMB_NO_EXIT))
		note_frame(given, frame);
}

uintptr_t plt_enter(struct dso *d, size_t index, struct arch_call_registers *regs, long *frame)
{
	struct audited *a = d->state->audited;
	struct call call;

	*frame = -1;
	if (index >= a->ncalls)
		return plt_resolve(d, index); /* which reports it */
	call = call_of(d, index);
	if (!loader.auditing->watches_calls)
		return call.to;
	for (unsigned i = 0; i < auditors.count; i++)
		if (auditors.list[i].pltenter && is_asked(&call, i, SYMB_NO_ENTER))
			enter(d, index, &call, i, regs, frame);
	arch_settle_registers(regs);
	return call.to;
}

void plt_exit(struct dso *d, size_t index, const struct arch_call_registers *regs,
	struct arch_call_results *results)
{
	struct call call = bound_call(d, index);
	Elf_Sym sym = audit_symbol(&call.def, call.to);

	for (unsigned i = 0; i < auditors.count; i++)
		if (auditors.list[i].pltexit && is_asked(&call, i, SYMB_NO_EXIT))
			auditors.list[i].pltexit(&sym, audit_index(&call.def),
				&d->state->audited->by[i].cookie,
				&call.def.dso->state->audited->by[i].cookie, regs, results,
				audit_name(&call.def));
	arch_settle_results(results);
}

/* relocate.c: the only relocation loop, for every machine: object by object, table by table. */
#include "arch/entry.h"
#include "base/mem.h"
#include "base/sys.h"
#include "load/map.h"
#include "object/debugger.h"
#include "reloc/job.h"
#include "state/auditing.h"
#include "state/libc.h"
#include "symbol/scope_hash.h"

void reloc_begin(struct reloc_work *work)
{
	work->ifuncs = (struct deferred_list){NULL, &work->ifuncs.first};
	work->copies = (struct deferred_list){NULL, &work->copies.first};
}

/* Adds the base to one word.  false: not writable (reported). */
static bool add_base(struct job *j, uintptr_t offset)
{
	uintptr_t *where = job_place(j, offset, sizeof *where);

	if (!where)
		return false;
	*where += j->d->base;
	return true;
}

/* Relocates the words from `next` on whose bits are set in the bitmap; checks each of them only if
 * some of the `bits` words may not be writable.  false: not writable (reported). */
static bool apply_bitmap(struct job *j, uintptr_t next, uintptr_t bitmap, unsigned bits)
{
	bool known = job_is_writable(j, next, bits * sizeof next);
	uintptr_t *words = dso_at(j->d, next);

	for (; bitmap; bitmap &= bitmap - 1) {
		unsigned i = (unsigned)__builtin_ctzl(bitmap);

		if (known)
			words[i] += j->d->base;
		else if (!add_base(j, next + i * sizeof next))
			return false;
	}
	return true;
}

/* gABI, "Relative Relocations": an even word is the address of a word to relocate, an odd word a
 * bitmap of the words behind it. */
static void apply_relr(struct job *j)
{
	const uintptr_t *word = (const void *)j->d->relr.addr,
			*end = word + j->d->relr.size / sizeof *word;
	const unsigned bits = 8 * sizeof *word - 1;
	uintptr_t next = 0;

	for (; word < end && j->result == BOUND; word++) {
		if (!(*word & 1)) {
			next = *word + sizeof *word;
			if (!add_base(j, *word))
				j->result = BROKEN;
			continue;
		}
		if (!apply_bitmap(j, next, *word >> 1, bits))
			j->result = BROKEN;
		next += bits * sizeof *word;
	}
}

/* Whether nearly every page from the first RELATIVE relocation to the last will be written, so that
 * populating all of them at once is faster than a page fault for each. */
static bool is_worth_populating(uintptr_t first, uintptr_t last, size_t n)
{
	enum { BYTES = 512, LEAST = 256 << 10 }; /* per relocation at most; in all at least */

	return last - first >= LEAST && (last - first) / BYTES <= n;
}

/* Populates the pages of the n RELATIVE relocations at the beginning of DT_RELA, if that pays
 * off. */
static void populate(struct job *j, const Elf_Rela *r, size_t n)
{
	uintptr_t page = j->ld->config.page, first, last;

	if (!n || n > j->d->rela.size / sizeof *r)
		return;
	first = r[0].r_offset;
	last = r[n - 1].r_offset;
	if (first >= last || !is_worth_populating(first, last, n) ||
		!dso_contains(j->d, first, last - first, PF_W))
		return;
	first = (j->d->base + first) & -page;
	last = (j->d->base + last) & -page;
	sys_populate(first, last - first + page);
}

/* Applies the RELATIVE relocations at the beginning of a table, where linkers sort them (ld's -z
 * combreloc); most relocations are of this kind.  Returns their number. */
static size_t apply_relatives(struct job *j, const Elf_Rela *r, size_t n)
{
	uintptr_t base = j->d->base;
	size_t i;

	for (i = 0; i < n && ELF_R_TYPE(r[i].r_info) == ARCH_R_RELATIVE; i++) {
		if (!job_place(j, r[i].r_offset, sizeof base)) {
			j->result = BROKEN;
			break;
		}
		*(uintptr_t *)(base + r[i].r_offset) = base + (uintptr_t)r[i].r_addend;
	}
	return i;
}

bool reloc_may_stay_lazy(const struct dso *d, uintptr_t offset)
{
	uintptr_t place = d->base + offset;
	bool in_relro = place + sizeof(uintptr_t) > d->relro_start && place < d->relro_end;

	return !in_relro && !(place % sizeof(uintptr_t)) &&
	       (!d->textrel || dso_contains(d, offset, sizeof(uintptr_t), PF_W));
}

/* Functions with calling conventions whose argument registers the resolver does not save are bound
 * now (aarch64 and riscv64 psABIs, "variant" conventions).  Slots whose calls auditors watch are
 * never written. */
bool reloc_may_be_lazy(const struct loader *ld, const struct dso *d, const struct reloc *r)
{
	const struct symtab *s = &d->symtab;

	return r->type == ARCH_R_JUMP_SLOT && d->pltgot &&
	       (reloc_may_stay_lazy(d, r->offset) || auditing_watches(ld, d)) &&
	       r->symbol < s->limit && !(s->sym[r->symbol].st_other & ARCH_VARIANT_PCS);
}

/* Prepares a slot for lazy binding: it holds the address of its code in the PLT.  -1: reported. */
static int prepare_slot(struct job *j, const struct reloc *r)
{
	uintptr_t *where = job_place(j, r->offset, sizeof *where);

	if (!where)
		return -1;
	*where += j->d->base;
	j->d->lazy = true;
	return 0;
}

/* Whether a slot stays lazy.  It is bound now if its definition is known or to be recorded; but
 * IFUNC slots stay lazy, except those whose result depends on the processor alone. */
static bool stays_lazy(struct job *j, const struct reloc *r)
{
	const struct bindings *b = j->ld->bindings;
	enum bound bound;

	if (j->binding != BIND_LAZY || !reloc_may_be_lazy(j->ld, j->d, r))
		return false;
	if (!b || !(b->records_lazy || (b->is_next && b->is_next(j->ld, binding_key(r->symbol,
										RELOC_FUNCTION)))))
		return true;
	j->quiet = true;
	bound = job_resolve(j, r);
	j->quiet = false;
	return bound != BOUND || (reloc_is_ifunc(&j->def) && !reloc_is_by_cpu(j->ld, &j->def));
}

/* Prefetches memory for the lookups of later relocations: first their symbols, then the slots in
 * the scope hash. */
static void look_ahead(const struct job *j, const struct reloc_cursor *c)
{
	enum { FAR = 16, NEAR = 8 };
	const struct table *t = c->table == RELOC_RELA ? &j->d->rela : &j->d->jmprel;
	const Elf_Rela *r = (const Elf_Rela *)t->addr + c->index;
	size_t left = t->size / sizeof *r - c->index;

	if (left > FAR)
		symbol_fetch(j->d, ELF_R_SYM(r[FAR].r_info));
	if (left > NEAR)
		scope_hash_fetch(j->ld->scope_hash, j->d, ELF_R_SYM(r[NEAR].r_info));
}

static bool looks_ahead(const struct job *j, const struct reloc_cursor *c)
{
	return j->ld->scope_hash &&
	       (c->table == RELOC_RELA ||
		       (c->table == RELOC_PLT && j->d->jmprel_is_rela && j->binding == BIND_NOW));
}

static void apply_tables(struct job *j)
{
	const struct table *rela = &j->d->rela;
	struct reloc_cursor c = {0};
	struct reloc r;

	if (!j->d->rel.size) {
		populate(j, (const void *)rela->addr, j->d->nrelative);
		c = (struct reloc_cursor){RELOC_RELA, apply_relatives(j, (const void *)rela->addr,
							      rela->size / sizeof(Elf_Rela))};
		j->number = (uint32_t)c.index;
	}
	for (; j->result != BROKEN && reloc_next(j->d, &c, &r); j->number++) {
		if (looks_ahead(j, &c))
			look_ahead(j, &c);
		if ((c.table == RELOC_PLT && stays_lazy(j, &r) ? prepare_slot(j, &r)
							       : job_apply(j, &r)) < 0) {
			j->result = BROKEN;
			return;
		}
	}
}

static void start_plt(const struct loader *ld, struct dso *d)
{
	if (d->lazy)
		arch_plt_init((uintptr_t *)d->pltgot, (uintptr_t)d,
			auditing_tells(ld, d) ? ld->auditing->plt_resolver
					      : (uintptr_t)arch_plt_resolver);
}

enum bound reloc_object(
	struct loader *ld, struct dso *d, enum binding binding, struct reloc_work *work)
{
	struct job j = {.ld = ld,
		.d = d,
		.binding = d->bind_now && !auditing_watches(ld, d) ? BIND_NOW : binding,
		.work = work,
		.leaving = d->prelink == PRELINK_KEPT};

	if (d->relocated || d->prelink == PRELINK_MAPPED)
		return BOUND;
	if (ld->bindings && ld->bindings->begin)
		ld->bindings->begin(ld, d);
	debug(ld, DEBUG_RELOC, "\nrelocation processing: %s%s", d->path,
		j.binding == BIND_LAZY ? " (lazy)" : "");
	if (d->textrel && map_unprotect_text(ld, d) < 0)
		return BROKEN;
	if (d->relr.size)
		apply_relr(&j);
	if (j.result == BOUND)
		apply_tables(&j);
	if (j.result == BOUND && !j.leaving)
		start_plt(ld, d);
	if (d->textrel && map_protect_text(ld, d) < 0)
		return BROKEN;
	ld->statistics.relocations += (d->rel.size / sizeof(Elf_Rel)) +
				      (d->rela.size / sizeof(Elf_Rela)) + reloc_plt_count(d);
	ld->statistics.relative += d->nrelative; /* a hint of the file */
	d->relocated = j.result == BOUND;
	return j.result;
}

/* An estimate of the number of lookups: about two relocations refer to each symbol. */
static size_t count_lookups(const struct loader *ld, const struct dso *before, enum binding binding)
{
	size_t n = 0;

	for (const struct dso *d = before ? dso_next(before) : ld->first; d; d = dso_next(d)) {
		size_t all = d->rela.size / sizeof(Elf_Rela);

		n += all > d->nrelative ? (all - d->nrelative) / 2 : 0;
		n += binding == BIND_LAZY && !d->bind_now ? 0 : reloc_plt_count(d);
	}
	return n;
}

enum bound reloc_objects(struct loader *ld, struct dso *before, enum binding binding,
	struct scope *scope, struct reloc_work *work)
{
	bool complete = ld->bindings && ld->bindings->complete;
	enum bound all = BOUND;
	struct scope_hash hash;

	if (!complete && scope_hash_make(ld, &hash, scope->list, scope->count,
				 count_lookups(ld, before, binding)))
		ld->scope_hash = &hash;
	for (struct dso *d = ld->last; d != before && all != BROKEN; d = d->state->prev) {
		enum bound r = d == ld->base.libc && ld->abi->open_libc
				       ? BOUND
				       : reloc_object(ld, d, binding, work);

		all = r > all ? r : all;
	}
	if (ld->scope_hash)
		scope_hash_free(ld, &hash);
	ld->scope_hash = NULL;
	return all;
}

/* Applies the relocations that were left of d. */
static enum bound apply_left(struct loader *ld, struct dso *d, struct reloc_work *work)
{
	const struct bindings *b = ld->bindings;
	struct job j = {.ld = ld, .d = d, .binding = BIND_NOW, .work = work};
	struct relocs_left left = b->left(ld, d);
	struct reloc r;

	if (b->begin)
		b->begin(ld, d);
	for (size_t i = 0; i < left.count && j.result == BOUND; i++) {
		uint32_t number = left.numbers[i] & ~BINDING_BY_CPU;

		j.by_cpu = left.numbers[i] & BINDING_BY_CPU ? &left.numbers[i] : NULL;
		if (j.by_cpu && b->cpu_resolved)
			continue;
		if (!reloc_at(d, number, &r)) {
			fail(ld, "%s: its plan refers to relocation %u, which does not exist",
				d->path, number);
			j.result = BROKEN;
		} else if (job_apply(&j, &r) < 0) {
			j.result = BROKEN;
		}
	}
	start_plt(ld, d);
	d->relocated = j.result == BOUND;
	return j.result;
}

enum bound reloc_left(struct loader *ld, struct reloc_work *work)
{
	enum bound all = BOUND;

	if (!ld->bindings)
		return BOUND;
	if (ld->bindings->relocated)
		ld->bindings->relocated(ld);
	for (struct dso *d = ld->last; d && all == BOUND; d = d->state->prev)
		if (d->prelink >= PRELINK_KEPT)
			all = apply_left(ld, d, work);
	return all;
}

/* Makes the text of one object writable, and protects that of the one before.  Each may be NULL. */
static int open_text(struct loader *ld, struct dso **open, struct dso *d)
{
	if (*open == d)
		return 0;
	if ((*open && map_protect_text(ld, *open) < 0) || (d && map_unprotect_text(ld, d) < 0))
		return -1;
	*open = d;
	return 0;
}

static int resolve(struct loader *ld, const struct deferred *e)
{
	uintptr_t (*resolver)(uintptr_t, uintptr_t) = (void *)e->value;
	uintptr_t a, b;

	arch_ifunc_args(ld->config.hwcap, ld->config.hwcap2, &a, &b);
	if (job_store(ld, e->dso, e->type, e->where, resolver(a, b) + e->addend) < 0)
		return -1;
	if (e->number && ld->bindings->resolved)
		ld->bindings->resolved(ld, e->where, e->number);
	return 0;
}

int reloc_ifuncs(struct loader *ld, struct reloc_work *work)
{
	unsigned before = loader_begin_foreign(ld); /* resolvers may call the loader */
	struct dso *open = NULL;
	int r = 0;

	for (struct deferred *e = work->ifuncs.first; e && r == 0; e = e->next) {
		r = open_text(ld, &open, e->dso->textrel ? e->dso : NULL);
		if (r == 0)
			r = resolve(ld, e);
	}
	if (open_text(ld, &open, NULL) < 0)
		r = -1;
	loader_end_foreign(ld, before);
	return r;
}

void reloc_copies(struct reloc_work *work)
{
	for (struct deferred *e = work->copies.first; e; e = e->next) {
		memcpy(e->where, (const void *)e->value, e->size);
		if (e->value == (uintptr_t)&api_r_debug)
			debugger_copied(e->dso, (struct r_debug *)e->where, e->size);
	}
}

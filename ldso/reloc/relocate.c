/* reloc.c: the only relocation loop, for every machine.
 *
 * arch.h gives the numbers (ARCH_R_...), this file their meaning; kinds that a machine has not have
 * numbers that no file can hold. S is the symbol's address, A the addend, P the place, B the base,
 * as in every psABI's table of relocations.
 */
#include "reloc/reloc.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "base/sys.h"
#include "cache/dlopen_cache.h"
#include "cache/record.h"
#include "cache/replay.h"
#include "load/map.h"
#include "search/trace.h"
#include "state/libc.h"
#include "symbol/scope_hash.h"
#include "tls/tls.h"

/* What the loop keeps between relocations of one object. */
struct job {
	struct loader *ld;
	struct dso *d;
	enum binding binding;
	struct reloc_work *work;
	uintptr_t lo, size;     /* the writable segment of the last place */
	uint32_t number;        /* of the relocation, in the order of reloc_next() */
	bool noting;            /* what it comes to (record.h) */
	bool leaving;           /* the residue, for later */
	const uint32_t *by_cpu; /* struct deferred's number */
	bool quiet;             /* undefined symbols are not reported */
	uint32_t key;           /* reloc_key() of the last symbol (0: none), ... */
	enum bound bound;       /* ... and what came of it */
	struct def def;
	enum bound result;
};

void reloc_begin(struct reloc_work *work)
{
	work->ifuncs = (struct deferred_list){NULL, &work->ifuncs.first};
	work->copies = (struct deferred_list){NULL, &work->copies.first};
}

/* DT_TEXTREL opens the other segments only for the time of the loop. */
static int defer(struct job *j, struct deferred_list *list, struct deferred what)
{
	struct deferred *entry;
	uintptr_t offset = (uintptr_t)what.where - j->d->base;

	if (!dso_contains(j->d, offset, what.size, PF_W))
		return fail(j->ld,
			"%s: relocation at 0x%lx, %zu bytes (COPY or IFUNC): not within a "
			"writable segment",
			j->d->path, offset, what.size);
	entry = arena_alloc(&j->ld->scratch, sizeof *entry);
	if (!entry)
		return fail(j->ld, "%s: no memory for its relocations", j->d->path);
	*entry = what;
	*list->tail = entry;
	list->tail = &entry->next;
	return 0;
}

/* ---- Places ---- */

/* Every check of a place reads the program headers: no relocation may change them. */
static bool hits_headers(const struct dso *d, uintptr_t offset, size_t bytes)
{
	uintptr_t at = d->base + offset, headers = (uintptr_t)d->phdr;

	return at < headers + d->phnum * sizeof *d->phdr && headers < at + bytes;
}

/* Whether all of [offset, offset + bytes) lies where the last place was found to be allowed. */
static bool is_known(const struct job *j, uintptr_t offset, size_t bytes)
{
	return offset - j->lo < j->size && bytes <= j->size - (offset - j->lo);
}

/* The address of [offset, offset + bytes), which must be writable; NULL otherwise. */
static uintptr_t *place(struct job *j, uintptr_t offset, size_t bytes)
{
	const struct dso *d = j->d;

	if (!is_known(j, offset, bytes)) {
		unsigned flags = d->textrel ? 0 : PF_W;
		const Elf_Phdr *p = d->phdr, *end = p + d->phnum;

		if (!dso_contains(d, offset, bytes, flags)) {
			fail(j->ld, "%s: relocation at 0x%lx: not within a writable segment",
				d->path, offset);
			return NULL;
		}
		while (p < end && (p->p_type != PT_LOAD || offset - p->p_vaddr >= p->p_memsz))
			p++;
		j->lo = p->p_vaddr;
		j->size = j->leaving ? p->p_filesz : p->p_memsz;
		if (j->leaving && !is_known(j, offset, bytes))
			trace_unrecordable(j->ld, "a relocation of what no file holds");
		if ((uintptr_t)d->phdr - (d->base + j->lo) < j->size) {
			j->size = 0; /* look at every place of this segment */
			if (hits_headers(d, offset, bytes)) {
				fail(j->ld, "%s: relocation at 0x%lx: within the program headers",
					d->path, offset);
				return NULL;
			}
		}
	}
	return dso_at(d, offset);
}

/* ---- Symbols ---- */

static void report_undefined(
	struct loader *ld, const struct dso *d, const char *name, const struct version *v)
{
	if (v && v->file)
		fail(ld, "%s: undefined symbol: %s, version %s (%s)", d->path, name, v->name,
			v->file);
	else if (v)
		fail(ld, "%s: undefined symbol: %s, version %s", d->path, name, v->name);
	else
		fail(ld, "%s: undefined symbol: %s", d->path, name);
}

static const struct version *wanted_version(const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;
	unsigned v = s->versym ? s->versym[index] & VERSYM_INDEX : 0;

	return v < s->nversions && s->versions[v].name ? &s->versions[v] : NULL;
}

static void log_binding(struct loader *ld, const struct dso *d, const char *name,
	const struct def *def, const struct version *v)
{
	debug(ld, DEBUG_BINDINGS, "binding file %s to %s: normal symbol `%s'%s%s%s", d->path,
		def->dso->path, name, v ? " [" : "", v ? v->name : "", v ? "]" : "");
}

/* Checks what a relocation says of its symbol. */
static const Elf_Sym *symbol_entry(struct loader *ld, const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;

	if (!s->sym)
		fail(ld, "%s: relocation: symbol index %u, and no DT_SYMTAB", d->path, index);
	else if (index >= s->limit)
		fail(ld, "%s: relocation: symbol index %u, expected less than %zu", d->path, index,
			s->limit);
	else if (s->sym[index].st_name >= s->str_size)
		fail(ld, "%s: symbol %u: st_name 0x%x, expected less than DT_STRSZ 0x%zx", d->path,
			index, s->sym[index].st_name, s->str_size);
	else
		return &s->sym[index];
	return NULL;
}

/* gABI, "Symbol Table": local symbols and those of restricted visibility bind within their object.
 */
static bool binds_locally(const Elf_Sym *sym)
{
	return ELF_ST_BIND(sym->st_info) == STB_LOCAL ||
	       (sym->st_shndx != SHN_UNDEF && ELF_ST_VISIBILITY(sym->st_other) != STV_DEFAULT);
}

static enum bound find_symbol(
	struct loader *ld, struct dso *d, uint32_t index, bool function, bool copy, struct def *def)
{
	const Elf_Sym *sym = symbol_entry(ld, d, index);
	unsigned complaints = ld->diag.count;
	const struct version *v;
	struct wanted w;

	if (!sym)
		return BROKEN;
	if (!copy && binds_locally(sym)) {
		*def = (struct def){d, sym};
		return BOUND;
	}
	v = ld->abi->match_versions ? wanted_version(d, index) : NULL;
	w = symbol_wanted_by(ld, d, index, v);
	w.function = function;
	w.skip = copy ? d : NULL;
	if (symbol_find(ld, d, &w, def)) {
		log_binding(ld, d, w.name, def, v);
		return symbol_bound(ld, d, def) < 0 ? BROKEN : BOUND;
	}
	if (ld->diag.count > complaints)
		return BROKEN; /* a hash table that was looked into */
	return ELF_ST_BIND(sym->st_info) == STB_WEAK ? BOUND_NULL : UNDEFINED;
}

enum bound reloc_symbol(
	struct loader *ld, struct dso *d, uint32_t index, bool function, bool copy, struct def *def)
{
	enum bound bound = find_symbol(ld, d, index, function, copy, def);

	if (bound == UNDEFINED)
		report_undefined(ld, d, d->symtab.str + d->symtab.sym[index].st_name,
			ld->abi->match_versions ? wanted_version(d, index) : NULL);
	return bound;
}

static enum reloc_way way_of(uint32_t type)
{
	return type == ARCH_R_COPY        ? RELOC_COPY
	       : type == ARCH_R_JUMP_SLOT ? RELOC_FUNCTION
					  : RELOC_DATA;
}

static enum bound look_up(struct job *j, const struct reloc *r)
{
	enum reloc_way way = way_of(r->type);

	return (j->quiet ? find_symbol : reloc_symbol)(
		j->ld, j->d, r->symbol, way == RELOC_FUNCTION, way == RELOC_COPY, &j->def);
}

/* What an earlier start or dlopen has found. */
static bool is_kept(struct job *j, uint32_t key)
{
	return replay_binding(j->ld, key, &j->def) ||
	       (j->ld->reopen && reopen_known(j->ld, j->d, key, &j->def));
}

/* The definition for r, looked up unless it is known.  Linkers put a symbol's relocations together:
 * only what the last one came to is remembered. */
static enum bound resolve(struct job *j, const struct reloc *r)
{
	uint32_t key = reloc_key(r->symbol, way_of(r->type));

	/* What has no key is looked up to be refused. */
	if (r->symbol > RELOC_KEYS) {
		j->key = 0;
		return j->bound = look_up(j, r);
	}
	if (key == j->key)
		return j->bound;
	j->key = key;
	if (is_kept(j, key))
		return j->bound = j->def.dso ? BOUND : BOUND_NULL;
	j->bound = look_up(j, r);
	if (j->bound == BOUND_NULL)
		j->def = (struct def){0};
	if (j->bound != BOUND && j->bound != BOUND_NULL)
		return j->bound;
	if (j->ld->reopen)
		reopen_note(j->ld, key, &j->def);
	if (j->noting)
		record_binding(j->ld, j->d, key, &j->def);
	return j->bound;
}

static bool is_ifunc(const struct def *def)
{
	return ELF_ST_TYPE(def->sym->st_info) == STT_GNU_IFUNC && def->sym->st_shndx != SHN_UNDEF;
}

/* ---- Thread-local storage ---- */

/* The object whose TLS a relocation means: the symbol's, or the object itself without a symbol. */
static struct dso *tls_of(struct job *j, const struct reloc *r)
{
	struct dso *d = r->symbol ? j->def.dso : j->d;

	if (d->tls.module)
		return d;
	fail(j->ld, "%s: relocation type %u: %s has no PT_TLS", j->d->path, r->type, d->path);
	return NULL;
}

static int apply_tpoff(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value)
{
	struct dso *d = tls_of(j, r);

	if (!d || tls_make_static(j->ld, d, j->d) < 0)
		return -1;
	*where = value + (uintptr_t)d->tls.offset;
	return 0;
}

static int apply_tlsdesc(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value)
{
	struct dso *d;
	struct tls_index *index;

	if (r->symbol && j->bound == BOUND_NULL) {
		where[0] = (uintptr_t)arch_tlsdesc_undefined_weak;
		where[1] = value;
		return 0;
	}
	d = tls_of(j, r);
	if (!d)
		return -1;
	if (d->tls.is_static) {
		where[0] = (uintptr_t)arch_tlsdesc_static;
		where[1] = value + (uintptr_t)d->tls.offset;
		return 0;
	}
	index = dso_alloc(j->ld, j->d, sizeof *index);
	if (!index)
		return fail(j->ld, "%s: no memory for a TLS descriptor", j->d->path);
	*index = (struct tls_index){d->tls.module, value - ARCH_DTP_BIAS};
	where[0] = (uintptr_t)arch_tlsdesc_dynamic;
	where[1] = (uintptr_t)index;
	return 0;
}

/* value: S + A, with S the symbol's offset within its TLS block. */
static int apply_tls(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value)
{
	struct dso *d;

	if (r->type == ARCH_R_TLSDESC)
		return apply_tlsdesc(j, r, where, value);
	if (r->symbol && j->bound == BOUND_NULL) {
		*where = 0;
		return 0;
	}
	switch (r->type) {
	case ARCH_R_DTPMOD:
		d = tls_of(j, r);
		*where = d ? d->tls.module : 0;
		return d ? 0 : -1;
	case ARCH_R_DTPOFF: *where = value - ARCH_DTP_BIAS; return 0;
	default: return apply_tpoff(j, r, where, value);
	}
}

static bool is_tls(uint32_t type)
{
	return type == ARCH_R_DTPMOD || type == ARCH_R_DTPOFF || type == ARCH_R_TPOFF ||
	       type == ARCH_R_TLSDESC;
}

/* ---- One relocation ---- */

static int store32(
	struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value, bool fits)
{
	uint32_t v = (uint32_t)value;

	if (!fits)
		return fail(j->ld,
			"%s: relocation type %u at 0x%lx: value 0x%lx does not fit 32 bits",
			j->d->path, r->type, r->offset, value);
	memcpy(where, &v, sizeof v);
	return 0;
}

static int apply_copy(struct job *j, const struct reloc *r, uintptr_t *where)
{
	size_t size = j->d->symtab.sym[r->symbol].st_size, theirs;

	if (j->bound == BOUND_NULL)
		return 0;
	theirs = j->def.sym->st_size;
	if (theirs < size)
		size = theirs;
	/* Only data of the other object can be copied: no absolute value, nothing a resolver gives.
	 */
	if (!place(j, r->offset, size) || j->def.sym->st_shndx == SHN_ABS || is_ifunc(&j->def) ||
		!dso_contains(j->def.dso, j->def.sym->st_value, size, PF_R))
		return fail(j->ld, "%s: COPY of symbol %s: %zu bytes do not fit", j->d->path,
			j->d->symtab.str + j->d->symtab.sym[r->symbol].st_name, size);
	return defer(j, &j->work->copies,
		(struct deferred){
			.where = where, .size = size, .value = symbol_address(j->ld, &j->def)});
}

/* resolver: not relocated, in d. */
static int defer_ifunc(
	struct job *j, const struct dso *d, uintptr_t resolver, uintptr_t *where, uintptr_t addend)
{
	if (!dso_contains(d, resolver, 1, PF_X))
		return fail(j->ld,
			"%s: relocation at 0x%lx: resolver 0x%lx: not in an executable "
			"segment of %s",
			j->d->path, (uintptr_t)where - j->d->base, resolver, d->path);
	return defer(j, &j->work->ifuncs,
		(struct deferred){.where = where,
			.size = sizeof *where,
			.addend = addend,
			.value = d->base + resolver,
			.number = j->by_cpu});
}

static int apply_symbolic(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t addend)
{
	uintptr_t s = 0, p = (uintptr_t)where;

	if (r->type == ARCH_R_JUMP_SLOT)
		addend = 0; /* newer linkers put the PLT entry's address there */
	if (r->symbol && j->bound == BOUND && is_ifunc(&j->def) &&
		!symbol_overridden(j->ld, &j->def))
		return defer_ifunc(j, j->def.dso, j->def.sym->st_value, where, addend);
	if (r->symbol && j->bound == BOUND)
		s = symbol_address(j->ld, &j->def);
	switch (r->type) {
	case ARCH_R_ABS:
	case ARCH_R_GLOB_DAT:
	case ARCH_R_JUMP_SLOT: *where = s + addend; return 0;
	case ARCH_R_PC: *where = s + addend - p; return 0;
	case ARCH_R_ABS32: return store32(j, r, where, s + addend, s + addend <= UINT32_MAX);
	case ARCH_R_PC32:
		s += addend - p;
		return store32(j, r, where, s, s + ((uintptr_t)1 << 31) <= UINT32_MAX);
	}
	return fail(j->ld, "%s: relocation type %u at 0x%lx: unknown on %s", j->d->path, r->type,
		r->offset, ARCH_NAME);
}

static size_t place_bytes(uint32_t type)
{
	if (type == ARCH_R_ABS32 || type == ARCH_R_PC32 || type == ARCH_R_SIZE32)
		return 4;
	if (type == ARCH_R_COPY)
		return 1; /* as many as the symbol has: apply_copy() looks */
	return type == ARCH_R_TLSDESC ? 2 * sizeof(uintptr_t) : sizeof(uintptr_t);
}

static uintptr_t addend_of(const struct reloc *r, const uintptr_t *where)
{
	uint32_t v;

	if (r->has_addend)
		return r->addend;
	if (place_bytes(r->type) == 4) {
		memcpy(&v, where, sizeof v);
		return v;
	}
	if (r->type == ARCH_R_JUMP_SLOT)
		return 0; /* the place holds the PLT's lazy entry */
	return r->type == ARCH_R_TLSDESC ? where[1] : where[0];
}

static int apply_size(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t addend)
{
	uintptr_t value = (j->bound == BOUND_NULL ? 0 : j->def.sym->st_size) + addend;

	if (r->type == ARCH_R_SIZE32)
		return store32(j, r, where, value, value <= UINT32_MAX);
	*where = value;
	return 0;
}

/* ---- What a snapshot cannot keep ---- */

/* Whether the outcome depends on more than where the snapshot's libraries lie: on where the kernel
 * put others, on resolvers, on what the program's variables hold. */
static bool is_residue(const struct job *j, const struct reloc *r)
{
	if (r->type == ARCH_R_COPY || r->type == ARCH_R_TLSDESC || r->type == ARCH_R_IRELATIVE)
		return true;
	if (is_tls(r->type) || r->type == ARCH_R_SIZE || r->type == ARCH_R_SIZE32)
		return false;
	if (!r->symbol || j->bound != BOUND)
		return false;
	return !(j->def.dso->placed || j->def.dso->type == ET_EXEC) || is_ifunc(&j->def) ||
	       symbol_overridden(j->ld, &j->def);
}

static bool is_by_cpu(const struct job *j, const struct reloc *r)
{
	const struct libc_abi *w = j->ld->abi;
	const struct dso *d = r->type == ARCH_R_IRELATIVE ? j->d : j->def.dso;

	if (r->type != ARCH_R_IRELATIVE && (!r->symbol || j->bound != BOUND || !is_ifunc(&j->def) ||
						   symbol_overridden(j->ld, &j->def)))
		return false;
	return w->ifuncs_by_cpu && w->ifuncs_by_cpu(d);
}

/* Leaves r for later if it is of that kind. */
static bool leave(struct job *j, const struct reloc *r)
{
	if (!j->leaving || !is_residue(j, r))
		return false;
	return record_residue(j->ld, j->d, j->number | (is_by_cpu(j, r) ? PLAN_BY_CPU : 0));
}

static int apply(struct job *j, const struct reloc *r)
{
	uintptr_t *where, addend;

	if (r->type == ARCH_R_NONE)
		return 0;
	where = place(j, r->offset, place_bytes(r->type));
	if (!where)
		return -1;
	addend = addend_of(r, where);
	if (r->type == ARCH_R_RELATIVE) {
		*where = j->d->base + addend;
		return 0;
	}
	if (r->type == ARCH_R_IRELATIVE)
		return leave(j, r) ? 0 : defer_ifunc(j, j->d, addend, where, 0);
	if (r->symbol && resolve(j, r) == UNDEFINED) {
		j->result = UNDEFINED;
		return 0; /* the other undefined symbols are wanted as well */
	}
	if (r->symbol && j->bound == BROKEN)
		return -1;
	if (leave(j, r))
		return 0;
	if (is_tls(r->type)) {
		uintptr_t s = r->symbol && j->bound == BOUND ? j->def.sym->st_value : 0;

		return apply_tls(j, r, where, s + addend);
	}
	if (r->symbol && r->type == ARCH_R_COPY)
		return apply_copy(j, r, where);
	if (r->symbol && (r->type == ARCH_R_SIZE || r->type == ARCH_R_SIZE32))
		return apply_size(j, r, where, addend);
	return apply_symbolic(j, r, where, addend);
}

/* ---- Tables ---- */

static struct reloc from_rel(const Elf_Rel *r)
{
	return (struct reloc){r->r_offset, ELF_R_TYPE(r->r_info), ELF_R_SYM(r->r_info), false, 0};
}

static struct reloc from_rela(const Elf_Rela *r)
{
	return (struct reloc){r->r_offset, ELF_R_TYPE(r->r_info), ELF_R_SYM(r->r_info), true,
		(uintptr_t)r->r_addend};
}

bool reloc_next(const struct dso *d, struct reloc_cursor *c, struct reloc *r)
{
	const struct table *const tables[] = {&d->rel, &d->rela, &d->jmprel};

	for (; c->table < 3; c->table++, c->index = 0) {
		const struct table *t = tables[c->table];
		bool rela = c->table == 1 || (c->table == 2 && d->jmprel_is_rela);

		if (c->index >= t->size / (rela ? sizeof(Elf_Rela) : sizeof(Elf_Rel)))
			continue;
		*r = rela ? from_rela((const Elf_Rela *)t->addr + c->index)
			  : from_rel((const Elf_Rel *)t->addr + c->index);
		c->index++;
		return true;
	}
	return false;
}

/* Adds the base to one word. */
static bool add_base(struct job *j, uintptr_t offset)
{
	uintptr_t *where = place(j, offset, sizeof *where);

	if (!where)
		return false;
	*where += j->d->base;
	return true;
}

/* The words behind an address that a bitmap stands for: without looking at each where all of them
 * may be written. */
static bool apply_bitmap(struct job *j, uintptr_t next, uintptr_t bitmap, unsigned bits)
{
	bool known = is_known(j, next, bits * sizeof next);
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

/* gABI, "Relative Relocations": an even word is an address to relocate; an odd one a bitmap of the
 * words behind it. */
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

/* Whether nearly every page from the first RELATIVE relocation on to the last is going to be
 * written to: a page fault for each would take longer than to have them all copied at once. */
static bool is_dense(uintptr_t first, uintptr_t last, size_t n)
{
	enum { BYTES = 512, LEAST = 256 << 10 }; /* for a relocation; for a call */

	return last - first >= LEAST && (last - first) / BYTES <= n;
}

static void populate(struct job *j, const Elf_Rela *r, size_t n)
{
	uintptr_t page = j->ld->config.page, first, last;

	if (!n || n > j->d->rela.size / sizeof *r)
		return;
	first = r[0].r_offset;
	last = r[n - 1].r_offset;
	if (first >= last || !is_dense(first, last, n) ||
		!dso_contains(j->d, first, last - first, PF_W))
		return;
	first = (j->d->base + first) & -page;
	last = (j->d->base + last) & -page;
	sys_populate(first, last - first + page);
}

/* The RELATIVE relocations that a linker puts in front (ld's -z combreloc), as far as they go: most
 * of all relocations, and nothing to look up.  Returns how many. */
static size_t apply_relatives(struct job *j, const Elf_Rela *r, size_t n)
{
	uintptr_t base = j->d->base;
	size_t i;

	for (i = 0; i < n && ELF_R_TYPE(r[i].r_info) == ARCH_R_RELATIVE; i++) {
		if (!is_known(j, r[i].r_offset, sizeof base) &&
			!place(j, r[i].r_offset, sizeof base)) {
			j->result = BROKEN;
			break;
		}
		*(uintptr_t *)(base + r[i].r_offset) = base + (uintptr_t)r[i].r_addend;
	}
	return i;
}

struct reloc reloc_plt(const struct dso *d, size_t index)
{
	return d->jmprel_is_rela ? from_rela((const Elf_Rela *)d->jmprel.addr + index)
				 : from_rel((const Elf_Rel *)d->jmprel.addr + index);
}

size_t reloc_plt_count(const struct dso *d)
{
	return d->jmprel.size / (d->jmprel_is_rela ? sizeof(Elf_Rela) : sizeof(Elf_Rel));
}

/* Such a slot can be written only now. */
static bool in_relro(const struct dso *d, uintptr_t place)
{
	return place + sizeof(uintptr_t) > d->relro_start && place < d->relro_end;
}

/* Functions that pass arguments in ways the resolver does not keep are bound at once (aarch64 and
 * riscv64 psABIs, "variant" calling conventions). */
static bool may_wait(const struct job *j, const struct reloc *r)
{
	const struct symtab *s = &j->d->symtab;

	return j->binding == BIND_LAZY && r->type == ARCH_R_JUMP_SLOT && j->d->pltgot &&
	       !in_relro(j->d, j->d->base + r->offset) && r->symbol < s->limit &&
	       !(s->sym[r->symbol].st_other & ARCH_VARIANT_PCS);
}

/* A slot that waits holds the way back into the PLT. */
static int prepare_slot(struct job *j, const struct reloc *r)
{
	uintptr_t *where = place(j, r->offset, sizeof *where);

	if (!where)
		return -1;
	*where += j->d->base;
	j->d->lazy = true;
	return 0;
}

/* A slot may wait, but need not where its definition is known, or is to be noted: only a resolver
 * is not run before its time, unless it is one that does not mind. */
static bool waits(struct job *j, const struct reloc *r)
{
	enum bound bound;

	if (!may_wait(j, r))
		return false;
	if (!j->noting && !replay_knows(j->ld, reloc_key(r->symbol, RELOC_FUNCTION)))
		return true;
	j->quiet = true;
	bound = resolve(j, r);
	j->quiet = false;
	return bound != BOUND || (is_ifunc(&j->def) && !is_by_cpu(j, r));
}

/* While one symbol is looked up, the memory that those behind it will need is on its way: first
 * their entries, then what the entries lead to. */
static void look_ahead(const struct job *j, const struct reloc_cursor *c)
{
	enum { FAR = 16, NEAR = 8 };
	const struct table *t = c->table == 1 ? &j->d->rela : &j->d->jmprel;
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
	       (c->table == 1 || (c->table == 2 && j->d->jmprel_is_rela && j->binding == BIND_NOW));
}

static void apply_tables(struct job *j)
{
	const struct table *rela = &j->d->rela;
	struct reloc_cursor c = {0};
	struct reloc r;

	if (!j->d->rel.size) {
		populate(j, (const void *)rela->addr, j->d->nrelative);
		c = (struct reloc_cursor){1, apply_relatives(j, (const void *)rela->addr,
						     rela->size / sizeof(Elf_Rela))};
		j->number = (uint32_t)c.index;
	}
	for (; j->result != BROKEN && reloc_next(j->d, &c, &r); j->number++) {
		if (looks_ahead(j, &c))
			look_ahead(j, &c);
		if ((c.table == 2 && waits(j, &r) ? prepare_slot(j, &r) : apply(j, &r)) < 0) {
			j->result = BROKEN;
			return;
		}
	}
}

static void start_plt(struct dso *d)
{
	if (d->lazy)
		arch_plt_init((uintptr_t *)d->pltgot, (uintptr_t)d, (uintptr_t)arch_plt_resolver);
}

enum bound reloc_object(
	struct loader *ld, struct dso *d, enum binding binding, struct reloc_work *work)
{
	struct job j = {.ld = ld,
		.d = d,
		.binding = d->bind_now ? BIND_NOW : binding,
		.work = work,
		.noting = ld->record,
		.leaving = ld->record && d->fixed};

	if (d->relocated || dso_is_kept(ld, d))
		return BOUND;
	replay_object(ld, d);
	if (ld->reopen)
		reopen_object(ld, d);
	debug(ld, DEBUG_RELOC, "relocation processing: %s%s", d->path,
		j.binding == BIND_LAZY ? " (lazy)" : "");
	if (d->textrel && map_open_text(ld, d) < 0)
		return BROKEN;
	if (d->relr.size)
		apply_relr(&j);
	if (j.result == BOUND)
		apply_tables(&j);
	if (j.result == BOUND && !j.leaving)
		start_plt(d);
	if (d->textrel && map_close_text(ld, d) < 0)
		return BROKEN;
	ld->relocations += (d->rel.size / sizeof(Elf_Rel)) + (d->rela.size / sizeof(Elf_Rela)) +
			   reloc_plt_count(d);
	d->relocated = j.result == BOUND;
	return j.result;
}

/* About how many symbols there are to look up: each is named by two relocations, or so. */
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
	enum bound all = BOUND;
	struct scope_hash merged;

	if (scope && scope_hash_make(ld, &merged, scope->list, scope->count,
			     count_lookups(ld, before, binding)))
		ld->scope_hash = &merged;
	for (struct dso *d = ld->last; d != before && all != BROKEN; d = d->state->prev) {
		enum bound r = d == ld->base.libc && ld->abi->open_libc
				       ? BOUND
				       : reloc_object(ld, d, binding, work);

		all = r > all ? r : all;
	}
	if (ld->scope_hash)
		scope_hash_free(ld, &merged);
	ld->scope_hash = NULL;
	return all;
}

/* The relocation with that number; false: there are not so many. */
static bool reloc_at(const struct dso *d, uint32_t number, struct reloc *r)
{
	struct reloc_cursor c = {0, number};
	const size_t counts[] = {d->rel.size / sizeof(Elf_Rel), d->rela.size / sizeof(Elf_Rela)};

	for (; c.table < 2 && c.index >= counts[c.table]; c.table++)
		c.index -= counts[c.table];
	return reloc_next(d, &c, r);
}

enum bound reloc_residue(struct loader *ld, struct dso *d, struct reloc_work *work)
{
	struct job j = {.ld = ld, .d = d, .binding = BIND_NOW, .work = work, .noting = ld->record};
	struct reloc r;

	if (!d->fixed)
		return BOUND;
	replay_object(ld, d);
	for (size_t i = 0; i < d->nresidue && j.result == BOUND; i++) {
		j.by_cpu = d->residue[i] & PLAN_BY_CPU ? &d->residue[i] : NULL;
		if (j.by_cpu && ld->replay && ld->replay->same_processor)
			continue;
		if (!reloc_at(d, d->residue[i] & ~PLAN_BY_CPU, &r)) {
			fail(ld, "%s: its plan has relocation %u, which it has not", d->path,
				d->residue[i] & ~PLAN_BY_CPU);
			j.result = BROKEN;
		} else if (apply(&j, &r) < 0) {
			j.result = BROKEN;
		}
	}
	start_plt(d);
	d->relocated = j.result == BOUND;
	return j.result;
}

/* Whoever calls this expects that a function may change vector registers: no need to go through
 * arch_call_foreign(). */
void reloc_ifuncs(struct loader *ld, struct reloc_work *work)
{
	uintptr_t a, b;

	arch_ifunc_args(ld->config.hwcap, ld->config.hwcap2, &a, &b);
	for (struct deferred *e = work->ifuncs.first; e; e = e->next) {
		uintptr_t (*resolver)(uintptr_t, uintptr_t) = (void *)e->value;

		*e->where = resolver(a, b) + e->addend;
		if (e->number)
			record_word(ld, e->where, e->number);
	}
}

void reloc_copies(struct reloc_work *work)
{
	for (struct deferred *e = work->copies.first; e; e = e->next)
		memcpy(e->where, (const void *)e->value, e->size);
}

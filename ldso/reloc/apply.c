/* apply.c: applies one relocation.
 *
 * arch.h defines the numbers (ARCH_R_...), this file their meaning; a type that a machine lacks has
 * a number that no file can contain.  S is the symbol's address, A the addend, P the place, B the
 * base, as in every psABI's table of relocations.
 */
#include "arch/entry.h"
#include "base/mem.h"
#include "reloc/job.h"
#include "state/libc.h"

/* Appends to a list of deferred relocations.  The place must be in a segment with these flags: where
 * there is DT_TEXTREL, others are writable during the loop too.  -1: reported. */
static int defer(struct job *j, struct deferred_list *list, struct deferred what, unsigned flags)
{
	struct deferred *entry;
	uintptr_t offset = (uintptr_t)what.where - j->d->base;

	if (!dso_contains(j->d, offset, what.size, flags))
		return fail(j->ld,
			"%s: relocation at 0x%lx, %zu bytes (COPY or IFUNC): not within a "
			"writable segment",
			j->d->path, offset, what.size);
	entry = arena_alloc(&j->ld->scratch, sizeof *entry);
	if (!entry)
		return fail(j->ld, "%s: no memory for its relocations", j->d->path);
	*entry = what;
	entry->dso = j->d;
	*list->tail = entry;
	list->tail = &entry->next;
	return 0;
}

/* The range of a 32-bit field. */
enum range { UNSIGNED_32, SIGNED_32 };

/* Stores value in a 32-bit field, which must be able to hold it.  -1: reported. */
static int store32(struct loader *ld, const struct dso *d, uint32_t type, uintptr_t *where,
	uintptr_t value, enum range range)
{
	uintptr_t bias = range == SIGNED_32 ? (uintptr_t)1 << 31 : 0;
	uint32_t v = (uint32_t)value;

	if (value + bias > UINT32_MAX)
		return fail(ld, "%s: relocation type %u at 0x%lx: value 0x%lx does not fit 32 bits",
			d->path, type, (uintptr_t)where - d->base, value);
	memcpy(where, &v, sizeof v);
	return 0;
}

int job_store(
	struct loader *ld, const struct dso *d, uint32_t type, uintptr_t *where, uintptr_t value)
{
	uintptr_t p = (uintptr_t)where;

	switch (type) {
	case ARCH_R_ABS:
	case ARCH_R_GLOB_DAT:
	case ARCH_R_JUMP_SLOT:
	case ARCH_R_IRELATIVE: *where = value; return 0;
	case ARCH_R_PC: *where = value - p; return 0;
	case ARCH_R_ABS32: return store32(ld, d, type, where, value, UNSIGNED_32);
	case ARCH_R_PC32: return store32(ld, d, type, where, value - p, SIGNED_32);
	}
	return fail(ld, "%s: relocation type %u at 0x%lx: unknown on %s", d->path, type,
		p - d->base, ARCH_NAME);
}

static size_t place_bytes(uint32_t type)
{
	if (type == ARCH_R_ABS32 || type == ARCH_R_PC32 || type == ARCH_R_SIZE32)
		return 4;
	if (type == ARCH_R_COPY)
		return 1; /* apply_copy() checks the symbol's size */
	return type == ARCH_R_TLSDESC ? 2 * sizeof(uintptr_t) : sizeof(uintptr_t);
}

/* Whether the pages of a segment of d hold [v, v + size).  Some symbols are larger than their
 * sections. */
static bool pages_hold(const struct loader *ld, const struct dso *d, uintptr_t v, size_t size)
{
	const Elf_Phdr *p = dso_load_of(d, v, PF_R);

	return p && size <= loader_page_up(ld, p->p_vaddr + p->p_memsz) - v;
}

/* ld.so tells of a variable that has grown since the program was linked: what was added to it is not
 * copied. */
static void warn_of_size(const struct job *j, const char *name, size_t size)
{
	if (j->ld->abi->copy_warnings && j->def.sym->st_size > size)
		print(2,
			"%s: Symbol `%s' has different size in shared object, consider "
			"re-linking\n",
			j->ld->config.argv[0] ? j->ld->config.argv[0] : j->d->path, name);
}

static int apply_copy(struct job *j, const struct reloc *r, uintptr_t *where)
{
	const struct symtab *s = &j->d->symtab;
	const char *name = s->str + s->sym[r->symbol].st_name;
	size_t size = s->sym[r->symbol].st_size;

	if (j->bound == BOUND_NULL)
		return 0;
	warn_of_size(j, name, size);
	if (j->def.sym->st_size < size)
		size = j->def.sym->st_size;
	/* Only data in the other object can be copied, not an absolute value or an IFUNC. */
	if (!job_place(j, r->offset, size) || j->def.sym->st_shndx == SHN_ABS ||
		reloc_is_ifunc(&j->def) ||
		!pages_hold(j->ld, j->def.dso, j->def.sym->st_value, size))
		return fail(j->ld, "%s: COPY of symbol %s: %zu bytes: not within a segment",
			j->d->path, name, size);
	return defer(j, &j->work->copies,
		(struct deferred){
			.dso = j->d,
			.where = where,
			.size = size,
			.value = symbol_address(j->ld, &j->def)},
		PF_W);
}

/* Defers an IFUNC; resolver: its address in d, not relocated.  -1: reported. */
static int defer_ifunc(struct job *j, const struct reloc *r, const struct dso *d,
	uintptr_t resolver, uintptr_t *where, uintptr_t addend)
{
	if (!dso_contains(d, resolver, 1, PF_X))
		return fail(j->ld,
			"%s: relocation at 0x%lx: resolver 0x%lx: not in an executable "
			"segment of %s",
			j->d->path, (uintptr_t)where - j->d->base, resolver, d->path);
	return defer(j, &j->work->ifuncs,
		(struct deferred){.where = where,
			.type = r->type,
			.size = place_bytes(r->type),
			.addend = addend,
			.value = d->base + resolver,
			.number = j->by_cpu},
		j->d->textrel ? 0 : PF_W);
}

static int apply_symbolic(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t addend)
{
	uintptr_t s = 0;

	if (r->type == ARCH_R_JUMP_SLOT)
		addend = 0; /* newer linkers store the PLT entry's address there */
	if (r->symbol && j->bound == BOUND && reloc_is_ifunc(&j->def) &&
		!symbol_overridden(j->ld, &j->def))
		return defer_ifunc(j, r, j->def.dso, j->def.sym->st_value, where, addend);
	if (r->symbol && j->bound == BOUND)
		s = symbol_address(j->ld, &j->def);
	return job_store(j->ld, j->d, r->type, where, s + addend);
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
		return 0; /* the place holds the address of the slot's code in the PLT */
	return r->type == ARCH_R_TLSDESC ? where[1] : where[0];
}

static int apply_size(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t addend)
{
	uintptr_t value = (j->bound == BOUND_NULL ? 0 : j->def.sym->st_size) + addend;

	if (r->type == ARCH_R_SIZE32)
		return store32(j->ld, j->d, r->type, where, value, UNSIGNED_32);
	*where = value;
	return 0;
}

/* Whether r is left to each process: if the data is kept for later starts, and cache/ says so. */
static bool leave(struct job *j, const struct reloc *r)
{
	const struct def *def = r->symbol && j->bound == BOUND ? &j->def : NULL;

	return j->leaving && j->ld->bindings->leave(j->ld, j->d, r, j->number, def);
}

int job_apply(struct job *j, const struct reloc *r)
{
	uintptr_t *where, addend;

	if (r->type == ARCH_R_NONE)
		return 0;
	where = job_place(j, r->offset, place_bytes(r->type));
	if (!where)
		return -1;
	addend = addend_of(r, where);
	if (r->type == ARCH_R_RELATIVE) {
		*where = j->d->base + addend;
		return 0;
	}
	if (r->type == ARCH_R_IRELATIVE)
		return leave(j, r) ? 0 : defer_ifunc(j, r, j->d, addend, where, 0);
	if (r->symbol && job_resolve(j, r) == UNDEFINED) {
		j->result = UNDEFINED;
		return 0; /* go on, to report all undefined symbols */
	}
	if (r->symbol && j->bound == BROKEN)
		return -1;
	if (leave(j, r))
		return 0;
	if (reloc_is_tls(r->type)) {
		uintptr_t s = r->symbol && j->bound == BOUND ? j->def.sym->st_value : 0;

		return job_apply_tls(j, r, where, s + addend);
	}
	if (r->symbol && r->type == ARCH_R_COPY)
		return apply_copy(j, r, where);
	if (r->symbol && (r->type == ARCH_R_SIZE || r->type == ARCH_R_SIZE32))
		return apply_size(j, r, where, addend);
	return apply_symbolic(j, r, where, addend);
}

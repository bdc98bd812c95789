/* dynamic.c: decodes and checks the dynamic section (gABI, "Dynamic Section").
 *
 * The file is not trusted: each table must lie within one readable segment, each string within the
 * string table, which ends with a 0.  Later accesses that are not checked against the segments (a
 * symbol by index, a hash chain) are bounded by the limits computed here.
 */
#include "object/dynamic.h"
#include "base/mem.h"
#include "object/version.h"

/* The values of the tags that occur once, collected before they are decoded. */
struct dynamic {
	uintptr_t hash, gnu_hash, symtab, syment, strtab, strsz;
	uintptr_t rel, relsz, relent, rela, relasz, relaent, relr, relrsz, relrent;
	uintptr_t jmprel, pltrelsz, pltrel, pltgot;
	uintptr_t init, fini, init_array, init_arraysz, fini_array, fini_arraysz;
	uintptr_t preinit_array, preinit_arraysz;
	uintptr_t versym;
	struct version_tables versions;
	uintptr_t soname, rpath, runpath, flags, flags_1;
	bool has_filtees, has_soname, has_rpath, has_runpath, has_textrel, has_symbolic,
		has_bind_now;
};

bool dynamic_is_address(intptr_t tag)
{
	return tag == DT_HASH || tag == DT_PLTGOT || tag == DT_STRTAB || tag == DT_SYMTAB ||
	       tag == DT_RELA || tag == DT_REL || tag == DT_JMPREL || tag == DT_VERSYM ||
	       tag == DT_GNU_HASH;
}

/* Stores one entry's value in *t. */
static void collect_tag(struct dynamic *t, struct dso *d, Elf_Dyn *entry)
{
	uintptr_t v = entry->d_un.d_val -
		      (d->dynamic_relocated && dynamic_is_address(entry->d_tag) ? d->base : 0);

	switch (entry->d_tag) {
	case DT_NEEDED: d->nneeded++; break;
	case DT_FILTER:
	case DT_AUXILIARY: d->nneeded++, t->has_filtees = true; break;
	case DT_HASH: t->hash = v; break;
	case DT_GNU_HASH: t->gnu_hash = v; break;
	case DT_SYMTAB: t->symtab = v; break;
	case DT_SYMENT: t->syment = v; break;
	case DT_STRTAB: t->strtab = v; break;
	case DT_STRSZ: t->strsz = v; break;
	case DT_REL: t->rel = v; break;
	case DT_RELSZ: t->relsz = v; break;
	case DT_RELENT: t->relent = v; break;
	case DT_RELA: t->rela = v; break;
	case DT_RELASZ: t->relasz = v; break;
	case DT_RELAENT: t->relaent = v; break;
	case DT_RELACOUNT: d->nrelative = v; break;
	case DT_RELR: t->relr = v; break;
	case DT_RELRSZ: t->relrsz = v; break;
	case DT_RELRENT: t->relrent = v; break;
	case DT_JMPREL: t->jmprel = v; break;
	case DT_PLTRELSZ: t->pltrelsz = v; break;
	case DT_PLTREL: t->pltrel = v; break;
	case DT_PLTGOT: t->pltgot = v; break;
	case DT_INIT: t->init = v; break;
	case DT_FINI: t->fini = v; break;
	case DT_INIT_ARRAY: t->init_array = v; break;
	case DT_INIT_ARRAYSZ: t->init_arraysz = v; break;
	case DT_FINI_ARRAY: t->fini_array = v; break;
	case DT_FINI_ARRAYSZ: t->fini_arraysz = v; break;
	case DT_PREINIT_ARRAY: t->preinit_array = v; break;
	case DT_PREINIT_ARRAYSZ: t->preinit_arraysz = v; break;
	case DT_VERSYM: t->versym = v; break;
	case DT_VERNEED: t->versions.verneed = v; break;
	case DT_VERNEEDNUM: t->versions.nverneed = v; break;
	case DT_VERDEF: t->versions.verdef = v; break;
	case DT_VERDEFNUM: t->versions.nverdef = v; break;
	case DT_SONAME: t->soname = v, t->has_soname = true; break;
	case DT_RPATH: t->rpath = v, t->has_rpath = true; break;
	case DT_RUNPATH: t->runpath = v, t->has_runpath = true; break;
	case DT_TEXTREL: t->has_textrel = true; break;
	case DT_SYMBOLIC: t->has_symbolic = true; break;
	case DT_BIND_NOW: t->has_bind_now = true; break;
	case DT_FLAGS: t->flags = v; break;
	case DT_FLAGS_1: t->flags_1 = v; break;
	case DT_DEBUG: d->debug = entry; break;
	}
}

/* Checks that [addr, addr + size) lies within a readable segment and consists of entries of `entry`
 * bytes, the first of them aligned to `align`, and stores it in *out. */
static int check_table_at(struct loader *ld, const struct dso *d, const char *tag, uintptr_t addr,
	size_t size, size_t entry, size_t align, struct table *out)
{
	if (!size)
		return 0;
	if (addr % align)
		return fail(ld, "%s: %s 0x%lx: not aligned to %zu", d->path, tag, addr, align);
	if (size % entry)
		return fail(ld, "%s: %s: size %zu, expected a multiple of %zu", d->path, tag, size,
			entry);
	if (!dso_contains(d, addr, size, PF_R))
		return fail(ld, "%s: %s 0x%lx, size 0x%zx: not within a readable segment", d->path,
			tag, addr, size);
	out->addr = d->base + addr;
	out->size = size;
	return 0;
}

/* The same of entries that have their natural alignment; entsize, unless 0, is the file's value of
 * their size. */
static int check_table(struct loader *ld, const struct dso *d, const char *tag, uintptr_t addr,
	size_t size, size_t entry, uintptr_t entsize, struct table *out)
{
	size_t align = entry & -entry;

	if (align > sizeof(uintptr_t))
		align = sizeof(uintptr_t);
	if (entsize && entsize != entry)
		return fail(
			ld, "%s: %s: entry size %zu, expected %zu", d->path, tag, entsize, entry);
	return check_table_at(ld, d, tag, addr, size, entry, align, out);
}

/* Some linkers count DT_JMPREL's entries in DT_RELASZ too: each must be applied once. */
static void cut_overlap(struct table *all, const struct table *plt)
{
	if (plt->size && plt->addr >= all->addr && plt->addr + plt->size == all->addr + all->size)
		all->size -= plt->size;
}

static int decode_relocations(struct loader *ld, struct dso *d, const struct dynamic *t)
{
	size_t plt_entry = t->pltrel == DT_REL ? sizeof(Elf_Rel) : sizeof(Elf_Rela);

	if (t->pltrelsz && t->pltrel != DT_REL && t->pltrel != DT_RELA)
		return fail(ld, "%s: DT_PLTREL %lu, expected %u (DT_REL) or %u (DT_RELA)", d->path,
			t->pltrel, DT_REL, DT_RELA);
	d->jmprel_is_rela = t->pltrel == DT_RELA;
	if (t->pltgot && !dso_contains(d, t->pltgot, 3 * sizeof(uintptr_t), PF_R | PF_W))
		d->pltgot = 0; /* prelinked or empty: it cannot be used for lazy binding */
	else if (t->pltgot)
		d->pltgot = d->base + t->pltgot;
	if (check_table(ld, d, "DT_REL", t->rel, t->relsz, sizeof(Elf_Rel), t->relent, &d->rel) <
			0 ||
		check_table(ld, d, "DT_RELA", t->rela, t->relasz, sizeof(Elf_Rela), t->relaent,
			&d->rela) < 0 ||
		check_table(ld, d, "DT_RELR", t->relr, t->relrsz, sizeof(uintptr_t), t->relrent,
			&d->relr) < 0 ||
		check_table(ld, d, "DT_JMPREL", t->jmprel, t->pltrelsz, plt_entry, 0, &d->jmprel) <
			0)
		return -1;
	cut_overlap(d->jmprel_is_rela ? &d->rela : &d->rel, &d->jmprel);
	return 0;
}

/* DT_GNU_HASH: nbuckets, symoffset, bloom size, bloom shift; bloom words, buckets, chain. */
static int decode_gnu_hash(struct loader *ld, struct dso *d, uintptr_t addr)
{
	struct symtab *s = &d->symtab;
	size_t room = dso_room(d, addr), bloom_bytes, bucket_bytes;
	const uint32_t *head = dso_at(d, addr);

	if (addr % sizeof(uintptr_t) || room < 4 * sizeof *head)
		return fail(
			ld, "%s: DT_GNU_HASH 0x%lx: not within a readable segment", d->path, addr);
	room -= 4 * sizeof *head;
	if (!head[0])
		return fail(ld, "%s: DT_GNU_HASH: 0 buckets, expected at least 1", d->path);
	if (!head[2] || head[2] & (head[2] - 1))
		return fail(ld, "%s: DT_GNU_HASH: bloom size %u, expected a power of two", d->path,
			head[2]);
	if (head[3] >= 32)
		return fail(ld, "%s: DT_GNU_HASH: bloom shift %u, expected less than 32", d->path,
			head[3]);
	if (head[2] > room / sizeof(uintptr_t) || head[0] > room / sizeof *head)
		return fail(ld, "%s: DT_GNU_HASH: bloom size %u, %u buckets: beyond its segment",
			d->path, head[2], head[0]);
	bloom_bytes = head[2] * sizeof(uintptr_t);
	bucket_bytes = head[0] * sizeof *head;
	if (bucket_bytes > room - bloom_bytes)
		return fail(
			ld, "%s: DT_GNU_HASH: %u buckets: beyond its segment", d->path, head[0]);
	room -= bloom_bytes + bucket_bytes;
	s->nbuckets = head[0];
	s->symoffset = head[1];
	s->bloom_mask = head[2] - 1;
	s->bloom_shift = head[3];
	s->bloom = (const void *)(head + 4);
	s->buckets = (const void *)(s->bloom + head[2]);
	s->chain = s->buckets + head[0];
	s->chain_limit = s->symoffset + room / sizeof *head;
	/* A table without symbols has one empty bucket and no chain.  ld says nevertheless that it
	 * begins with symbol 1. */
	if (s->nbuckets == 1 && !s->buckets[0])
		s->chain_limit = s->symoffset;
	if (s->chain_limit > s->limit)
		s->chain_limit = s->limit;
	return 0;
}

static int decode_sysv_hash(struct loader *ld, struct dso *d, uintptr_t addr)
{
	struct symtab *s = &d->symtab;
	size_t words = dso_room(d, addr) / sizeof(uint32_t);
	const uint32_t *head = dso_at(d, addr);

	if (addr % sizeof *head || words < 2)
		return fail(ld, "%s: DT_HASH 0x%lx: not within a readable segment", d->path, addr);
	words -= 2;
	if (!head[0])
		return fail(ld, "%s: DT_HASH: 0 buckets, expected at least 1", d->path);
	if (head[0] > words || head[1] > words - head[0])
		return fail(ld, "%s: DT_HASH: %u buckets, %u chains: beyond its segment", d->path,
			head[0], head[1]);
	if (head[1] > s->limit)
		return fail(ld, "%s: DT_HASH: %u symbols: DT_SYMTAB has room for %zu", d->path,
			head[1], s->limit);
	s->sysv_nbuckets = head[0];
	s->sysv_nchain = head[1];
	s->sysv_buckets = head + 2;
	s->sysv_chain = head + 2 + head[0];
	return 0;
}

static int decode_strings(struct loader *ld, struct dso *d, const struct dynamic *t)
{
	if (!t->strtab || !t->strsz) {
		if (d->nneeded || t->symtab || t->has_soname)
			return fail(ld, "%s: DT_STRTAB 0x%lx, DT_STRSZ %zu: no string table",
				d->path, t->strtab, t->strsz);
		d->symtab.str = "";
		d->symtab.str_size = 1;
		return 0;
	}
	if (!dso_contains(d, t->strtab, t->strsz, PF_R))
		return fail(ld, "%s: DT_STRTAB 0x%lx, DT_STRSZ %zu: not within a readable segment",
			d->path, t->strtab, t->strsz);
	d->symtab.str = dso_at(d, t->strtab);
	d->symtab.str_size = t->strsz;
	if (d->symtab.str[t->strsz - 1])
		return fail(ld, "%s: DT_STRTAB: its last byte is %u, expected 0", d->path,
			(unsigned char)d->symtab.str[t->strsz - 1]);
	return 0;
}

static int decode_symbols(struct loader *ld, struct dso *d, const struct dynamic *t)
{
	struct symtab *s = &d->symtab;

	if (!t->symtab)
		return 0;
	if (t->syment && t->syment != sizeof(Elf_Sym))
		return fail(
			ld, "%s: DT_SYMENT %lu, expected %zu", d->path, t->syment, sizeof(Elf_Sym));
	s->limit = dso_room(d, t->symtab) / sizeof(Elf_Sym);
	if (!s->limit || t->symtab % sizeof(uintptr_t))
		return fail(ld, "%s: DT_SYMTAB 0x%lx: not within a readable segment", d->path,
			t->symtab);
	s->sym = dso_at(d, t->symtab);
	if (t->versym) {
		size_t n = dso_room(d, t->versym) / sizeof(uint16_t);

		if (!n || t->versym % sizeof(uint16_t))
			return fail(ld, "%s: DT_VERSYM 0x%lx: not within a readable segment",
				d->path, t->versym);
		s->versym = dso_at(d, t->versym);
		if (s->limit > n)
			s->limit = n;
	}
	if (t->gnu_hash && decode_gnu_hash(ld, d, t->gnu_hash) < 0)
		return -1;
	if (t->hash && decode_sysv_hash(ld, d, t->hash) < 0)
		return -1;
	if (!t->gnu_hash && !t->hash)
		return fail(ld,
			"%s: neither DT_GNU_HASH nor DT_HASH: its symbols cannot be looked up",
			d->path);
	return 0;
}

static int decode_string(
	struct loader *ld, const struct dso *d, const char *tag, uintptr_t offset, const char **out)
{
	if (offset >= d->symtab.str_size)
		return fail(ld, "%s: %s: string offset 0x%lx, expected less than DT_STRSZ 0x%zx",
			d->path, tag, offset, d->symtab.str_size);
	*out = d->symtab.str + offset;
	return 0;
}

/* How an entry names an object that d needs: its tag; NULL: it is about something else. */
static const char *need_tag(const Elf_Dyn *e, enum need *kind)
{
	switch (e->d_tag) {
	case DT_NEEDED: *kind = NEED_LIBRARY; return "DT_NEEDED";
	case DT_FILTER: *kind = NEED_FILTEE; return "DT_FILTER";
	case DT_AUXILIARY: *kind = NEED_AUXILIARY; return "DT_AUXILIARY";
	}
	return NULL;
}

static int decode_needed(struct loader *ld, struct dso *d, const struct dynamic *t)
{
	size_t n = 0;
	uint8_t *kinds = NULL;

	if (!d->nneeded)
		return 0;
	d->needed = dso_alloc(ld, d, d->nneeded * sizeof *d->needed);
	if (t->has_filtees)
		d->need_kinds = kinds = dso_alloc(ld, d, d->nneeded);
	if (!d->needed || (t->has_filtees && !kinds))
		return fail(ld, "%s: no memory for its %zu DT_NEEDED entries", d->path, d->nneeded);
	for (const Elf_Dyn *e = d->map->l_ld; e->d_tag != DT_NULL; e++) {
		enum need kind;
		const char *tag = need_tag(e, &kind);

		if (!tag)
			continue;
		if (kinds)
			kinds[n] = (uint8_t)kind;
		if (decode_string(ld, d, tag, e->d_un.d_val, &d->needed[n++]) < 0)
			return -1;
	}
	return 0;
}

/* Stores the address of DT_INIT or DT_FINI, which must lie in an executable segment. */
static int decode_function(
	struct loader *ld, const struct dso *d, const char *tag, uintptr_t v, uintptr_t *out)
{
	if (!v)
		return 0;
	if (!dso_contains(d, v, 1, PF_X))
		return fail(ld, "%s: %s 0x%lx: not within an executable segment", d->path, tag, v);
	*out = d->base + v;
	return 0;
}

/* DT_PREINIT_ARRAY may have any alignment: the entry that glibc's start file for riscv64 makes has
 * none. */
static int decode_init_fini(struct loader *ld, struct dso *d, const struct dynamic *t)
{
	const size_t word = sizeof(uintptr_t), any = 1;

	if (decode_function(ld, d, "DT_INIT", t->init, &d->init) < 0 ||
		decode_function(ld, d, "DT_FINI", t->fini, &d->fini) < 0 ||
		check_table_at(ld, d, "DT_PREINIT_ARRAY", t->preinit_array, t->preinit_arraysz,
			word, any, &d->preinit_array) < 0 ||
		check_table(ld, d, "DT_INIT_ARRAY", t->init_array, t->init_arraysz, word, 0,
			&d->init_array) < 0 ||
		check_table(ld, d, "DT_FINI_ARRAY", t->fini_array, t->fini_arraysz, word, 0,
			&d->fini_array) < 0)
		return -1;
	return 0;
}

static void decode_flags(struct dso *d, const struct dynamic *t)
{
	d->symbolic = t->has_symbolic || t->flags & DF_SYMBOLIC;
	d->textrel = t->has_textrel || t->flags & DF_TEXTREL;
	d->bind_now = t->has_bind_now || t->flags & DF_BIND_NOW || t->flags_1 & DF_1_NOW;
	d->flags_1 = (uint32_t)t->flags_1;
}

/* Collects all tags; the section must end with DT_NULL within PT_DYNAMIC. */
static int read_tags(struct loader *ld, struct dso *d, struct dynamic *t)
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++) {
		if (p->p_type != PT_DYNAMIC || dso_at(d, p->p_vaddr) != d->map->l_ld)
			continue; /* of several, headers.c has chosen the last */
		if (!dso_contains(d, p->p_vaddr, p->p_memsz, PF_R))
			return fail(ld, "%s: PT_DYNAMIC 0x%jx: not readable", d->path,
				(uint64_t)p->p_vaddr);
		for (size_t i = 0; i < p->p_memsz / sizeof(Elf_Dyn); i++) {
			if (d->map->l_ld[i].d_tag == DT_NULL)
				return 0;
			collect_tag(t, d, &d->map->l_ld[i]);
		}
		return fail(ld, "%s: PT_DYNAMIC: no DT_NULL within its %ju bytes", d->path,
			(uint64_t)p->p_memsz);
	}
	return 0;
}

int dynamic_decode(struct loader *ld, struct dso *d)
{
	struct dynamic t = {0};

	if (!d->map->l_ld) {
		d->symtab.str = "";
		d->symtab.str_size = 1;
		return 0;
	}
	if (read_tags(ld, d, &t) < 0 || decode_strings(ld, d, &t) < 0 ||
		decode_symbols(ld, d, &t) < 0 || decode_needed(ld, d, &t) < 0 ||
		decode_relocations(ld, d, &t) < 0 || decode_init_fini(ld, d, &t) < 0 ||
		(t.has_soname && decode_string(ld, d, "DT_SONAME", t.soname, &d->soname) < 0) ||
		(t.has_rpath && decode_string(ld, d, "DT_RPATH", t.rpath, &d->rpath) < 0) ||
		(t.has_runpath && decode_string(ld, d, "DT_RUNPATH", t.runpath, &d->runpath) < 0))
		return -1;
	decode_flags(d, &t);
	return d->symtab.versym ? version_decode(ld, d, &t.versions) : 0;
}

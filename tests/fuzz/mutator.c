/* mutator.c: libFuzzer's mutations, aimed at the parts of an ELF file that the target is about.
 *
 * An ELF file is mostly code and padding; without aim nearly all changes would be to bytes that
 * nobody reads, or would make a file that is refused for its first header.  Nothing here trusts the
 * file: it has been mutated before.
 */
#include <elf.h>
#include <stdint.h>
#include <stdlib.h>

#include "harness.h"

size_t LLVMFuzzerMutate(uint8_t *data, size_t size, size_t max);
size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed);

/* Tags of tables, of their sizes (0: some bytes), and the parts that they belong to. */
static const struct {
	unsigned long tag, size_tag, bytes;
	unsigned regions;
} tables[] = {
	{DT_HASH, 0, 200, REGION_HASH},
	{DT_GNU_HASH, 0, 200, REGION_HASH},
	{DT_SYMTAB, 0, 700, REGION_HASH | REGION_RELOCATIONS},
	{DT_STRTAB, DT_STRSZ, 0, REGION_HASH},
	{DT_VERSYM, 0, 64, REGION_VERSIONS},
	{DT_VERNEED, 0, 128, REGION_VERSIONS},
	{DT_VERDEF, 0, 160, REGION_VERSIONS},
	{DT_RELA, DT_RELASZ, 0, REGION_RELOCATIONS},
	{DT_REL, DT_RELSZ, 0, REGION_RELOCATIONS},
	{DT_JMPREL, DT_PLTRELSZ, 0, REGION_RELOCATIONS},
	{DT_RELR, DT_RELRSZ, 0, REGION_RELOCATIONS},
	{DT_INIT_ARRAY, DT_INIT_ARRAYSZ, 0, REGION_RELOCATIONS},
};

enum { MAX_RANGES = 16 };

struct ranges {
	size_t size; /* of the file */
	size_t count;
	struct {
		size_t start, len;
	} range[MAX_RANGES];
};

static void add(struct ranges *r, size_t start, size_t len)
{
	if (start >= r->size || !len || r->count == MAX_RANGES)
		return;
	r->range[r->count].start = start;
	r->range[r->count++].len = len < r->size - start ? len : r->size - start;
}

static const Elf64_Phdr *phdr(const uint8_t *data, size_t size, size_t i)
{
	const Elf64_Ehdr *e = (const void *)data;
	size_t at = sizeof *e + i * sizeof(Elf64_Phdr); /* where every linker puts them */

	return i < e->e_phnum && at + sizeof(Elf64_Phdr) <= size ? (const void *)(data + at) : NULL;
}

static size_t file_offset(const uint8_t *data, size_t size, uint64_t v)
{
	const Elf64_Phdr *p;

	for (size_t i = 0; (p = phdr(data, size, i)); i++)
		if (p->p_type == PT_LOAD && v - p->p_vaddr < p->p_filesz)
			return v - p->p_vaddr + p->p_offset;
	return SIZE_MAX;
}

static uint64_t tag_value(const Elf64_Dyn *dyn, size_t n, unsigned long tag)
{
	for (size_t i = 0; i < n; i++)
		if ((unsigned long)dyn[i].d_tag == tag)
			return dyn[i].d_un.d_val;
	return 0;
}

static void add_tables(struct ranges *r, const uint8_t *data, const Elf64_Phdr *p)
{
	const Elf64_Dyn *dyn;
	size_t n;

	if (p->p_offset > r->size || p->p_offset % 8 || p->p_filesz > r->size - p->p_offset)
		return;
	dyn = (const void *)(data + p->p_offset);
	n = p->p_filesz / sizeof *dyn;
	if (regions & REGION_DYNAMIC)
		add(r, p->p_offset, p->p_filesz);
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		uint64_t v = tag_value(dyn, n, tables[i].tag);
		uint64_t bytes = tables[i].bytes;

		if (tables[i].size_tag)
			bytes = tag_value(dyn, n, tables[i].size_tag);
		if (v && tables[i].regions & regions)
			add(r, file_offset(data, r->size, v), bytes);
	}
}

static void find_ranges(struct ranges *r, const uint8_t *data)
{
	const Elf64_Phdr *p;

	if (r->size < sizeof(Elf64_Ehdr))
		return;
	if (regions & REGION_HEADERS) {
		add(r, 0, sizeof(Elf64_Ehdr));
		add(r, sizeof(Elf64_Ehdr), 7 * sizeof *p);
	}
	for (size_t i = 0; (p = phdr(data, r->size, i)); i++) {
		if (p->p_type == PT_DYNAMIC)
			add_tables(r, data, p);
		if (p->p_type == PT_TLS && regions & REGION_RELOCATIONS)
			add(r, (size_t)((const uint8_t *)p - data), sizeof *p);
	}
}

size_t LLVMFuzzerCustomMutator(uint8_t *data, size_t size, size_t max, unsigned seed)
{
	struct ranges r = {.size = size};
	size_t i;

	find_ranges(&r, data);
	if (!r.count || seed % 32 == 0)
		return LLVMFuzzerMutate(data, size, max);
	i = seed / 32 % r.count;
	LLVMFuzzerMutate(data + r.range[i].start, r.range[i].len, r.range[i].len);
	return size;
}

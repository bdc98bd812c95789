/* boot.c: the loader relocates itself.
 *
 * Nothing is relocated yet, so this file may only use its arguments and locals: no global, no
 * string, no table, no call into other files (a call through the GOT would jump to a link-time
 * address).  The loader is linked so that only RELATIVE and RELR relocations are left (make
 * check-self checks that).
 */
#include "base/elf_types.h"
#include "arch/entry.h"

/* gABI, "Relocation": with RELA the addend is in the entry, with REL and RELR at the place. */
static void apply_relr(uintptr_t base, const uintptr_t *relr, const uintptr_t *end)
{
	uintptr_t *where = NULL;

	for (; relr < end; relr++) {
		if (!(*relr & 1)) {
			where = (uintptr_t *)(base + *relr);
			*where++ += base;
			continue;
		}
		for (size_t i = 0; *relr >> (i + 1); i++)
			if (*relr >> (i + 1) & 1)
				where[i] += base;
		where += 8 * sizeof *relr - 1;
	}
}

void boot(uintptr_t base, const void *dynamic)
{
	uintptr_t rel = 0, relsz = 0, rela = 0, relasz = 0, relr = 0, relrsz = 0;

	/* A chain of ifs: a switch might become a table of addresses. */
	for (const Elf_Dyn *d = dynamic; d->d_tag != DT_NULL; d++) {
		if (d->d_tag == DT_REL)
			rel = d->d_un.d_ptr;
		else if (d->d_tag == DT_RELSZ)
			relsz = d->d_un.d_val;
		else if (d->d_tag == DT_RELA)
			rela = d->d_un.d_ptr;
		else if (d->d_tag == DT_RELASZ)
			relasz = d->d_un.d_val;
		else if (d->d_tag == DT_RELR)
			relr = d->d_un.d_ptr;
		else if (d->d_tag == DT_RELRSZ)
			relrsz = d->d_un.d_val;
	}
	for (const Elf_Rel *r = (void *)(base + rel), *end = (void *)(base + rel + relsz); r < end;
		r++)
		*(uintptr_t *)(base + r->r_offset) += base;
	for (const Elf_Rela *r = (void *)(base + rela), *end = (void *)(base + rela + relasz);
		r < end; r++)
		*(uintptr_t *)(base + r->r_offset) = base + (uintptr_t)r->r_addend;
	apply_relr(base, (void *)(base + relr), (void *)(base + relr + relrsz));
	__asm__ volatile("" ::: "memory"); /* nothing below may be read before this */
}

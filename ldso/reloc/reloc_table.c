/* reloc_table.c: iterates over the relocations of an object; see reloc_table.h. */
#include "reloc/reloc_table.h"

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
	const struct table *const tables[RELOC_SOURCES] = {&d->rel, &d->rela, &d->jmprel};

	for (; c->table < RELOC_SOURCES; c->table++, c->index = 0) {
		const struct table *t = tables[c->table];
		bool rela = c->table == RELOC_RELA || (c->table == RELOC_PLT && d->jmprel_is_rela);

		if (c->index >= t->size / (rela ? sizeof(Elf_Rela) : sizeof(Elf_Rel)))
			continue;
		*r = rela ? from_rela((const Elf_Rela *)t->addr + c->index)
			  : from_rel((const Elf_Rel *)t->addr + c->index);
		c->index++;
		return true;
	}
	return false;
}

bool reloc_at(const struct dso *d, uint32_t number, struct reloc *r)
{
	struct reloc_cursor c = {RELOC_REL, number};
	const size_t counts[] = {d->rel.size / sizeof(Elf_Rel), d->rela.size / sizeof(Elf_Rela)};

	for (; c.table < RELOC_PLT && c.index >= counts[c.table]; c.table++)
		c.index -= counts[c.table];
	return reloc_next(d, &c, r);
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

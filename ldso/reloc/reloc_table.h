/* reloc_table.h: the relocations of an object as one row, whichever table they stand in. */
#ifndef RELOC_TABLE_H
#define RELOC_TABLE_H

#include "state/dso.h"

struct reloc {
	uintptr_t offset;
	uint32_t type, symbol;
	bool has_addend; /* RELA; otherwise the addend is in the place */
	uintptr_t addend;
};

/* The tables in the order of the walk. */
enum reloc_source { RELOC_REL, RELOC_RELA, RELOC_PLT, RELOC_SOURCES };

/* Walks all relocations of d but RELR; start with a zeroed cursor.  false at the end. */
struct reloc_cursor {
	unsigned table; /* enum reloc_source */
	size_t index;
};
bool reloc_next(const struct dso *d, struct reloc_cursor *c, struct reloc *r);

/* The one with that number in this order; false: there are not so many. */
bool reloc_at(const struct dso *d, uint32_t number, struct reloc *r);

/* Slot `index` of the PLT, and how many there are. */
struct reloc reloc_plt(const struct dso *d, size_t index);
size_t reloc_plt_count(const struct dso *d);

#endif

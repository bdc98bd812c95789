/* reloc_table.h: iterates over the relocations of an object, from all its tables. */
#ifndef RELOC_TABLE_H
#define RELOC_TABLE_H

#include "state/dso.h"

struct reloc {
	uintptr_t offset;
	uint32_t type, symbol;
	bool has_addend; /* RELA; otherwise the addend is at the place */
	uintptr_t addend;
};

/* The tables in the order of the walk. */
enum reloc_source { RELOC_REL, RELOC_RELA, RELOC_PLT, RELOC_SOURCES };

/* A position in that iteration, initially zero. */
struct reloc_cursor {
	unsigned table; /* enum reloc_source */
	size_t index;
};

/* Stores the next relocation of d, RELR excepted, in *r; false at the end. */
bool reloc_next(const struct dso *d, struct reloc_cursor *c, struct reloc *r);

/* Stores the relocation with that number, in the same order, in *r; false: there are not so
 * many. */
bool reloc_at(const struct dso *d, uint32_t number, struct reloc *r);

/* The relocation of PLT slot `index`, and the number of slots. */
struct reloc reloc_plt(const struct dso *d, size_t index);
size_t reloc_plt_count(const struct dso *d);

#endif

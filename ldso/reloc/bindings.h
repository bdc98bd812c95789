/* bindings.h: what symbols were bound to by an earlier start or dlopen, and where it is recorded
 * what they are bound to by this one.
 *
 * Relocation asks ld->bindings, of which it knows these functions alone; NULL means that nothing is
 * known and nothing is recorded.  cache/ implements them, for starts and for dlopens.
 */
#ifndef BINDINGS_H
#define BINDINGS_H

#include "reloc/reloc_table.h"
#include "symbol/symbol.h"

/* How a relocation means its symbol: a PLT slot and a COPY skip some definitions. */
enum reloc_way { RELOC_DATA, RELOC_FUNCTION, RELOC_COPY };

/* A symbol of an object, and the way in which it is meant, in one number; 0 is none's. */
#define BINDING_KEYS (UINT32_MAX >> 2) /* symbols below this have one */
static inline uint32_t binding_key(uint32_t symbol, enum reloc_way way)
{
	return symbol << 2 | (uint32_t)way;
}

/* In the number of a relocation that is left to each process: it is an IFUNC whose outcome depends
 * on the processor alone. */
#define BINDING_BY_CPU ((uint32_t)1 << 31)

/* Relocations that are left to each process, by their numbers: the order of reloc_next(). */
struct relocs_left {
	const uint32_t *numbers;
	size_t count;
};

struct bindings {
	bool complete;     /* hardly a symbol is going to be looked up: no scope hash is worth it */
	bool records_lazy; /* symbols of slots that may wait are looked up too, to be recorded */
	bool cpu_resolved; /* the outcome of BINDING_BY_CPU is in the data already */

	/* d is relocated next, or what of it was left: its relocations will ask in the order in
	 * which they asked when the bindings were recorded.  This and the next two are NULL where
	 * nothing is known. */
	void (*begin)(struct loader *ld, struct dso *d);
	/* Whether the next binding is known and that of key. */
	bool (*is_next)(const struct loader *ld, uint32_t key);
	/* The same, and takes it: *def, whose .dso is NULL if nothing defines the symbol. */
	bool (*take)(struct loader *ld, struct dso *d, uint32_t key, struct def *def);
	/* It was not known, and is this.  NULL: nothing is recorded. */
	void (*record)(struct loader *ld, struct dso *d, uint32_t key, const struct def *def);

	/* Of objects with PRELINK_KEPT, where there are any: whether r of d is left for each
	 * process to do; def is NULL unless it has a symbol that is bound. */
	bool (*leave)(struct loader *ld, struct dso *d, const struct reloc *r, uint32_t number,
		const struct def *def);
	/* All but what is left is done.  May be NULL. */
	void (*relocated)(struct loader *ld);
	/* What is left of d, which has PRELINK_KEPT or PRELINK_MAPPED. */
	struct relocs_left (*left)(const struct loader *ld, const struct dso *d);
	/* An IFUNC that was left, BINDING_BY_CPU, has written its outcome to *where.  May be NULL. */
	void (*resolved)(struct loader *ld, const uintptr_t *where, const uint32_t *number);
};

#endif

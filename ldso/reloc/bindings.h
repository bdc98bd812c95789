/* bindings.h: the interface through which relocation uses the symbol bindings of an earlier start
 * or dlopen, and records those of the current one.
 *
 * It is implemented by cache/, for starts and for dlopens.  ld->bindings NULL: no binding is known,
 * and none is recorded.
 */
#ifndef BINDINGS_H
#define BINDINGS_H

#include "reloc/reloc_table.h"
#include "symbol/symbol.h"

/* How a relocation uses its symbol: PLT slots and COPY ignore some definitions. */
enum reloc_way { RELOC_DATA, RELOC_FUNCTION, RELOC_COPY };

/* A symbol index of an object and the way in which it is used, as one number.  Index 0, which is no
 * symbol's, has key 0. */
#define BINDING_KEYS (UINT32_MAX >> 2) /* the largest symbol index that has a key */
static inline uint32_t binding_key(uint32_t symbol, enum reloc_way way)
{
	return symbol << 2 | (uint32_t)way;
}

/* A flag in the number of a deferred relocation: it is an IFUNC whose result depends on the
 * processor alone. */
#define BINDING_BY_CPU ((uint32_t)1 << 31)

/* Relocations left to each process, by their numbers in the order of reloc_next(). */
struct relocs_left {
	const uint32_t *numbers;
	size_t count;
};

struct bindings {
	bool complete;     /* few symbols will be looked up, so a scope hash does not pay off */
	bool records_lazy; /* symbols of lazy PLT slots are looked up too, to be recorded */
	bool cpu_resolved; /* the results of BINDING_BY_CPU are already in the data */

	/* Called before d, or what was left of it, is relocated: its bindings will be requested in
	 * the order in which they were recorded.  This and the next two are NULL if none is
	 * known. */
	void (*begin)(struct loader *ld, struct dso *d);
	/* Whether the next known binding is that of key. */
	bool (*is_next)(const struct loader *ld, uint32_t key);
	/* The same, and if so stores it in *def and advances to the next; def->dso is NULL if
	 * nothing defines the symbol. */
	bool (*take)(struct loader *ld, struct dso *d, uint32_t key, struct def *def);
	/* Records a binding that was not known.  NULL: none is recorded. */
	void (*record)(struct loader *ld, struct dso *d, uint32_t key, const struct def *def);

	/* Whether relocation r of d, an object with PRELINK_KEPT, is left to each process; def is
	 * NULL unless it has a symbol that is bound.  Not called without such objects. */
	bool (*leave)(struct loader *ld, struct dso *d, const struct reloc *r, uint32_t number,
		const struct def *def);
	/* Called when all relocations but those left are applied.  May be NULL. */
	void (*relocated)(struct loader *ld);
	/* The relocations left of d, which has PRELINK_KEPT or PRELINK_MAPPED. */
	struct relocs_left (*left)(const struct loader *ld, const struct dso *d);
	/* Called when a deferred IFUNC with BINDING_BY_CPU has written its result to *where; number
	 * is its element of relocs_left.  May be NULL. */
	void (*resolved)(struct loader *ld, const uintptr_t *where, const uint32_t *number);
};

#endif

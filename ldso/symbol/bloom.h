/* bloom.h: the Bloom filters of a scope's objects, side by side.
 *
 * Most of the objects that a name is looked for in do not have it, and a word of each one's filter
 * (DT_GNU_HASH) says so.  Where the filters are is copied out of the objects into one dense table:
 * a look-up reads that, and of most objects nothing but the word.  The table is made when the
 * program is running and somebody asks, and follows the scope.
 */
#ifndef BLOOM_H
#define BLOOM_H

#include "symbol/symbol.h"

/* Shifts of a hash that dynamic.c accepts. */
#define BLOOM_SHIFTS 32

/* A hash (of hash_gnu()), as it is asked for: which word of a filter, and which two bits,
 * for each shift that a filter may be made with. */
struct bloom_query {
	uint32_t word;
	uintptr_t bits[BLOOM_SHIFTS];
};

struct bloom_query bloom_query(uint32_t hash);

/* With the lock held, before bloom_next(): brings the scope's table up to date.  false: there is no
 * memory for it. */
bool bloom_ready(struct loader *ld, struct scope *scope);

/* The first object of the scope from index i on that may have such a symbol, or scope->count. */
size_t bloom_next(const struct scope *scope, size_t i, const struct bloom_query *q);

#endif

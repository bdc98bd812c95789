/* bloom.h: a table of the Bloom filters of a scope's objects.
 *
 * Most objects of a scope do not define the wanted symbol, and one word of each one's Bloom filter
 * (DT_GNU_HASH) tells so.  The filters' addresses and masks are copied into one dense table, so
 * that a lookup reads nothing else of most objects.  The table is built by the first lookup in a
 * running program, and updated when the scope changes.
 */
#ifndef BLOOM_H
#define BLOOM_H

#include "symbol/symbol.h"

/* The number of bloom shifts that dynamic.c accepts. */
#define BLOOM_SHIFTS 32

/* A hash value (of hash_gnu()) prepared for lookups: the index of a filter's word, and its two bits
 * for each bloom shift. */
struct bloom_query {
	uint32_t word;
	uintptr_t bits[BLOOM_SHIFTS];
};

struct bloom_query bloom_query(uint32_t hash);

/* Brings the scope's table up to date, before bloom_next().  The lock is held.  false: no memory
 * for it (not reported). */
bool bloom_ready(struct loader *ld, struct scope *scope);

/* The index of the first object from i on that may define such a symbol, or scope->count. */
size_t bloom_next(const struct scope *scope, size_t i, const struct bloom_query *q);

#endif

/* sieve.h: the Bloom filters of a scope's objects, side by side.
 *
 * Most of the objects that a name is looked for in do not have it, and a word of each one's filter
 * (DT_GNU_HASH) says so.  Where the filters are is copied out of the objects into one dense table:
 * a look-up reads that, and of most objects nothing but the word.  The table is made when the
 * program is running and somebody asks, and follows the scope.
 */
#ifndef SIEVE_H
#define SIEVE_H

#include "symbol/symbol.h"

/* Shifts of a hash that dynamic.c accepts. */
#define SIEVE_SHIFTS 32

/* A hash (of symbol_gnu_hash()), as it is asked for: which word of a filter, and which two bits,
 * for each shift that a filter may be made with. */
struct sieve_query {
	uint32_t word;
	uintptr_t bits[SIEVE_SHIFTS];
};

struct sieve_query sieve_query(uint32_t hash);

/* With the lock held, before sieve_next(): brings the scope's table up to date.  false: there is no
 * memory for it. */
bool sieve_ready(struct loader *ld, struct scope *scope);

/* The first object of the scope from index i on that may have such a symbol, or scope->count. */
size_t sieve_next(const struct scope *scope, size_t i, const struct sieve_query *q);

/* Before the scope goes. */
static inline void sieve_free(struct loader *ld, struct scope *scope)
{
	heap_free(&ld->heap, scope->sieves);
	heap_free(&ld->heap, scope->words);
}

/* What stands at index i of the scope and behind it has changed. */
static inline void sieve_cut(struct scope *scope, size_t i)
{
	if (scope->sieved > i)
		scope->sieved = i;
}

#endif

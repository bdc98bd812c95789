/* sieve.c: see sieve.h.
 *
 * The filters themselves lie at the same place in many objects, the first page: their words compete
 * for the same few lines of a cache, and each needs a translation of its own.  So a scope that many
 * names are looked for in gets copies of them, one behind the other:
 *
 *	sieves    | bloom, mask, shift | bloom, mask, shift | ...
 *	               |                    |
 *	words     | ...filter of liba... | ...filter of libb... | ...
 */
#include "symbol/bloom.h"
#include "base/mem.h"

#define WORD_BITS (8 * sizeof(uintptr_t))

/* Look-ups in a scope as it is after which the copies are made. */
enum { MANY = 64 };

struct sieve {
	const uintptr_t *bloom;
	uint32_t mask, shift;
};

/* For objects that have no filter: they may have any symbol. */
static const uintptr_t any = UINTPTR_MAX;

static bool grow(struct loader *ld, struct scope *scope)
{
	struct sieve *sieves;

	loader_keep_signals_out(ld);
	sieves = heap_alloc(&ld->heap, scope->room * sizeof *sieves, 0, 0);
	if (!sieves)
		return false;
	heap_free(&ld->heap, scope->sieves);
	scope->sieves = sieves;
	scope->sieve_room = scope->room;
	scope->sieved = 0;
	return true;
}

/* Brings the table up to date.  false: there is no memory for it. */
static bool follow(struct loader *ld, struct scope *scope)
{
	if (scope->count > scope->sieve_room && !grow(ld, scope))
		return false;
	for (; scope->sieved < scope->count; scope->sieved++) {
		const struct symtab *s = &scope->list[scope->sieved]->symtab;

		scope->sieves[scope->sieved] =
			s->nbuckets ? (struct sieve){s->bloom, s->bloom_mask, s->bloom_shift}
				    : (struct sieve){&any, 0, 0};
	}
	scope->questions = 0;
	return true;
}

/* Without the memory for copies the originals go on serving. */
static void copy_filters(struct loader *ld, struct scope *scope)
{
	uintptr_t *words;
	size_t n = 0;

	for (size_t i = 0; i < scope->count; i++)
		n += scope->sieves[i].mask + 1;
	loader_keep_signals_out(ld);
	words = heap_alloc(&ld->heap, n * sizeof *words, 0, 0);
	if (!words)
		return;
	for (size_t i = 0; i < scope->count; i++) {
		struct sieve *s = &scope->sieves[i];

		memcpy(words, s->bloom, (s->mask + 1) * sizeof *words);
		s->bloom = words;
		words += s->mask + 1;
	}
	heap_free(&ld->heap, scope->words);
	scope->words = words - n;
}

bool sieve_ready(struct loader *ld, struct scope *scope)
{
	if (scope->sieved < scope->count && !follow(ld, scope))
		return false;
	if (scope->questions <= MANY && scope->questions++ == MANY)
		copy_filters(ld, scope);
	return true;
}

struct sieve_query sieve_query(uint32_t hash)
{
	struct sieve_query q = {.word = hash / WORD_BITS};

	for (unsigned shift = 0; shift < SIEVE_SHIFTS; shift++)
		q.bits[shift] = (uintptr_t)1 << (hash % WORD_BITS) |
				(uintptr_t)1 << ((hash >> shift) % WORD_BITS);
	return q;
}

size_t sieve_next(const struct scope *scope, size_t i, const struct sieve_query *q)
{
	const struct sieve *s = scope->sieves;
	size_t n = scope->count;

	for (; i < n; i++) {
		uintptr_t bits = q->bits[s[i].shift], word = s[i].bloom[q->word & s[i].mask];

		if ((word & bits) == bits)
			break;
	}
	return i;
}

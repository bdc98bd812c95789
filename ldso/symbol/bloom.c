/* bloom.c: see bloom.h.
 *
 * The filters themselves lie at the same place in many objects, the first page: their words compete
 * for the same few lines of a cache, and each needs a translation of its own.  So a scope that many
 * names are looked for in gets copies of them, one behind the other:
 *
 *	filters    | bloom, mask, shift | bloom, mask, shift | ...
 *	               |                    |
 *	words     | ...filter of liba... | ...filter of libb... | ...
 */
#include "symbol/bloom.h"
#include "base/mem.h"

#define WORD_BITS (8 * sizeof(uintptr_t))

/* Look-ups in a scope as it is after which the copies are made. */
enum { MANY = 64 };

struct bloom_filter {
	const uintptr_t *bloom;
	uint32_t mask, shift;
};

/* For objects that have no filter: they may have any symbol. */
static const uintptr_t any = UINTPTR_MAX;

static bool grow(struct loader *ld, struct scope *scope)
{
	struct bloom_filter *filters;

	loader_block_signals(ld);
	filters = heap_alloc(&ld->heap, scope->room * sizeof *filters, 0, 0);
	if (!filters)
		return false;
	heap_free(&ld->heap, scope->filters);
	scope->filters = filters;
	scope->filter_room = scope->room;
	scope->filtered = 0;
	return true;
}

/* Brings the table up to date.  false: there is no memory for it. */
static bool follow(struct loader *ld, struct scope *scope)
{
	if (scope->count > scope->filter_room && !grow(ld, scope))
		return false;
	for (; scope->filtered < scope->count; scope->filtered++) {
		const struct symtab *s = &scope->list[scope->filtered]->symtab;

		scope->filters[scope->filtered] =
			s->nbuckets ? (struct bloom_filter){s->bloom, s->bloom_mask, s->bloom_shift}
				    : (struct bloom_filter){&any, 0, 0};
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
		n += scope->filters[i].mask + 1;
	loader_block_signals(ld);
	words = heap_alloc(&ld->heap, n * sizeof *words, 0, 0);
	if (!words)
		return;
	for (size_t i = 0; i < scope->count; i++) {
		struct bloom_filter *s = &scope->filters[i];

		memcpy(words, s->bloom, (s->mask + 1) * sizeof *words);
		s->bloom = words;
		words += s->mask + 1;
	}
	heap_free(&ld->heap, scope->words);
	scope->words = words - n;
}

bool bloom_ready(struct loader *ld, struct scope *scope)
{
	if (scope->filtered < scope->count && !follow(ld, scope))
		return false;
	if (scope->questions <= MANY && scope->questions++ == MANY)
		copy_filters(ld, scope);
	return true;
}

struct bloom_query bloom_query(uint32_t hash)
{
	struct bloom_query q = {.word = hash / WORD_BITS};

	for (unsigned shift = 0; shift < BLOOM_SHIFTS; shift++)
		q.bits[shift] = (uintptr_t)1 << (hash % WORD_BITS) |
				(uintptr_t)1 << ((hash >> shift) % WORD_BITS);
	return q;
}

size_t bloom_next(const struct scope *scope, size_t i, const struct bloom_query *q)
{
	const struct bloom_filter *s = scope->filters;
	size_t n = scope->count;

	for (; i < n; i++) {
		uintptr_t bits = q->bits[s[i].shift], word = s[i].bloom[q->word & s[i].mask];

		if ((word & bits) == bits)
			break;
	}
	return i;
}

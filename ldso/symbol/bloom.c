/* bloom.c: a table of the Bloom filters of a scope's objects; see bloom.h.
 *
 * The filters lie at the same place in many objects, on their first page: their words compete for
 * the same few cache lines, and each takes a TLB entry.  So after many lookups in a scope the
 * filters are copied, one behind the other:
 *
 *	filters    | bloom, mask, shift | bloom, mask, shift | ...
 *	               |                    |
 *	words     | ...filter of liba... | ...filter of libb... | ...
 */
#include "symbol/bloom.h"
#include "base/mem.h"

#define WORD_BITS (8 * sizeof(uintptr_t))

/* Lookups in an unchanged scope before the filters are copied. */
enum { COPY_AFTER = 64 };

struct bloom_filter {
	const uintptr_t *bloom;
	uint32_t mask, shift;
};

/* The filter of objects that have none: they may define any symbol. */
static const uintptr_t match_all = UINTPTR_MAX;

static bool grow_filters(struct loader *ld, struct scope *scope)
{
	struct bloom_filter *filters;

	filters = heap_alloc(&ld->tables, scope->room * sizeof *filters, 0, 0);
	if (!filters)
		return false;
	heap_free(&ld->tables, scope->filters);
	scope->filters = filters;
	scope->filter_room = scope->room;
	scope->filtered = 0;
	return true;
}

/* Adds the filters of objects that joined the scope.  false: no memory. */
static bool update_filters(struct loader *ld, struct scope *scope)
{
	if (scope->count > scope->filter_room && !grow_filters(ld, scope))
		return false;
	for (; scope->filtered < scope->count; scope->filtered++) {
		const struct symtab *s = &scope->list[scope->filtered]->symtab;

		scope->filters[scope->filtered] =
			s->nbuckets ? (struct bloom_filter){s->bloom, s->bloom_mask, s->bloom_shift}
				    : (struct bloom_filter){&match_all, 0, 0};
	}
	scope->lookups = 0;
	return true;
}

/* Copies the filters' words; without memory for that the originals stay in use. */
static void copy_filters(struct loader *ld, struct scope *scope)
{
	uintptr_t *words;
	size_t n = 0;

	for (size_t i = 0; i < scope->count; i++)
		n += scope->filters[i].mask + 1;
	words = heap_alloc(&ld->tables, n * sizeof *words, 0, 0);
	if (!words)
		return;
	for (size_t i = 0; i < scope->count; i++) {
		struct bloom_filter *s = &scope->filters[i];

		memcpy(words, s->bloom, (s->mask + 1) * sizeof *words);
		s->bloom = words;
		words += s->mask + 1;
	}
	heap_free(&ld->tables, scope->words);
	scope->words = words - n;
}

bool bloom_ready(struct loader *ld, struct scope *scope)
{
	if (scope->filtered < scope->count && !update_filters(ld, scope))
		return false;
	if (scope->lookups <= COPY_AFTER && scope->lookups++ == COPY_AFTER)
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

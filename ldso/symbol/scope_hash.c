/* scope_hash.c: one hash table over all objects of a scope; see scope_hash.h.
 *
 * Open addressing with linear probing.  Nothing is ever removed, so entries of one hash value are
 * found in the order of insertion: that of the scope and, within an object, of its chain.  Bit 0 of
 * a chain's word marks the chain's end; the table ignores it.
 */
#include "symbol/scope_hash.h"
#include "base/mem.h"
#include "symbol/symbol.h"

#define SYMBOL_BITS 20 /* of scope_hash_slot.where */
#define MAX_SYMBOLS ((size_t)1 << SYMBOL_BITS)
#define MAX_OBJECTS ((size_t)1 << (32 - SYMBOL_BITS))
#define LEAST_COUNT 8 /* with fewer objects the table is no faster */
#define AHEAD       8 /* distance of prefetching, in symbols */

static const struct vm_owner scope_hash_owner = {.name = "[myld.so: symbols]"};

/* The slot in which probing for a hash begins.  The hash is scaled to the number of slots, which
 * need not be a power of two. */
static uint32_t home(const struct scope_hash *m, uint32_t hash)
{
	uint32_t spread = (hash >> 1) * 0x9e3779b1u; /* 2^32 divided by the golden ratio */

	return (uint32_t)((uint64_t)spread * m->size >> 32);
}

static uint32_t next_slot(const struct scope_hash *m, uint32_t i)
{
	return i + 1 < m->size ? i + 1 : 0;
}

/* Whether d's symbols can be put into the table: all their chain words must be readable. */
static bool can_be_hashed(const struct dso *d, size_t count)
{
	const struct symtab *s = &d->symtab;

	if (!s->nbuckets)
		return !s->sysv_nbuckets;
	return count <= MAX_SYMBOLS && count <= s->chain_limit;
}

/* Whether `lookups` lookups take longer without a table of so many symbols than building it: a
 * lookup visits half of the objects, at about 8 ns each, and an entry takes about 8 ns. */
static bool pays_off(size_t lookups, size_t objects, size_t symbols)
{
	return lookups * objects / 2 >= symbols;
}

/* A cheap lower estimate of the number of symbols, since counting them means reading all
 * buckets. */
static size_t count_buckets(struct dso *const *list, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += list[i]->symtab.nbuckets;
	return sum;
}

/* The total number of symbols; 0: none, or the table cannot be built. */
static size_t count_symbols(struct dso *const *list, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		size_t count = symbol_count(list[i]);

		if (!can_be_hashed(list[i], count))
			return 0;
		if (list[i]->symtab.nbuckets && count > list[i]->symtab.symoffset)
			sum += count - list[i]->symtab.symoffset;
	}
	return sum;
}

/* Allocates slots for n entries, of which a third stays free.  false: no memory. */
static bool make_slots(struct loader *ld, struct scope_hash *m, size_t n)
{
	struct vm_what what = {.kind = VM_ANON,
		.prot = VM_R | VM_W,
		.flags = VM_POPULATE,
		.owner = &scope_hash_owner};
	uintptr_t at;

	m->size = (uint32_t)(n + n / 2 + 1);
	if (vm_map(&ld->vm, 0, m->size * sizeof *m->slots, &what, -1, &at) < 0)
		return false;
	m->slots = (struct scope_hash_slot *)at;
	return true;
}

static void put(struct scope_hash *m, uint32_t hash, uint32_t where)
{
	uint32_t i = home(m, hash);

	while (m->slots[i].hash)
		i = next_slot(m, i);
	m->slots[i] = (struct scope_hash_slot){hash, where};
}

/* Inserts d's symbols, and subtracts their number from *left.  false: there are more, since chains
 * of a damaged table may overlap. */
static bool put_object(
	struct scope_hash *m, const struct dso *d, uint32_t object, size_t count, size_t *left)
{
	const struct symtab *s = &d->symtab;

	for (uint32_t b = 0; b < s->nbuckets; b++) {
		uint32_t i = s->buckets[b], word = 0;

		for (; i >= s->symoffset && i < count && !(word & 1); i++) {
			if (!(*left)--)
				return false;
			word = s->chain[i - s->symoffset];
			if (i + AHEAD < count)
				__builtin_prefetch(
					&m->slots[home(m, s->chain[i + AHEAD - s->symoffset])]);
			put(m, word | 1, object << SYMBOL_BITS | i);
		}
	}
	return true;
}

bool scope_hash_make(
	struct loader *ld, struct scope_hash *m, struct dso *const *list, size_t n, size_t lookups)
{
	size_t sum;

	if (n < LEAST_COUNT || n > MAX_OBJECTS || ld->config.dynamic_weak ||
		ld->diag.debug & DEBUG_SYMBOLS || !pays_off(lookups, n, count_buckets(list, n)))
		return false;
	sum = count_symbols(list, n);
	if (!sum || sum > UINT32_MAX / 4 || !pays_off(lookups, n, sum) || !make_slots(ld, m, sum))
		return false;
	m->list = list;
	for (size_t i = 0; i < n; i++)
		if (!put_object(m, list[i], (uint32_t)i, symbol_count(list[i]), &sum)) {
			scope_hash_free(ld, m);
			return false;
		}
	return true;
}

void scope_hash_free(struct loader *ld, struct scope_hash *m)
{
	vm_unmap(&ld->vm, (uintptr_t)m->slots, m->size * sizeof *m->slots);
	m->slots = NULL;
}

void scope_hash_fetch(const struct scope_hash *m, const struct dso *d, uint32_t index)
{
	const struct symtab *s = &d->symtab;

	if (s->nbuckets && index >= s->symoffset && index < s->chain_limit)
		__builtin_prefetch(&m->slots[home(m, s->chain[index - s->symoffset])]);
	else if (index < s->limit)
		__builtin_prefetch(s->str + s->sym[index].st_name);
}

bool scope_hash_find(
	struct loader *ld, const struct scope_hash *m, struct wanted *w, struct def *def)
{
	uint32_t hash = w->gnu_hash | 1, object = UINT32_MAX;
	struct match match = {0};

	for (uint32_t i = home(m, hash); m->slots[i].hash; i = next_slot(m, i)) {
		uint32_t where = m->slots[i].where;
		struct dso *d = m->list[where >> SYMBOL_BITS];

		if (m->slots[i].hash != hash || d == w->skip)
			continue;
		if (object != where >> SYMBOL_BITS && symbol_accept_candidate(&match, def))
			return true;
		object = where >> SYMBOL_BITS;
		if (symbol_match(ld, d, where & (MAX_SYMBOLS - 1), w, &match)) {
			*def = (struct def){d, &d->symtab.sym[where & (MAX_SYMBOLS - 1)]};
			return true;
		}
	}
	return symbol_accept_candidate(&match, def);
}

/* scope_hash.c: see scope_hash.h.
 *
 * Open addressing with linear probing.  Nothing is ever removed, so what is put in later under the
 * same hash value is met later: the order of the scope, and within an object the order of its
 * chain, are kept.  Bit 0 of a chain's word marks the chain's end; the table goes without it.
 */
#include "symbol/scope_hash.h"
#include "base/mem.h"
#include "symbol/symbol.h"

#define SYMBOL_BITS 20 /* of scope_hash_slot.where */
#define MAX_SYMBOLS ((size_t)1 << SYMBOL_BITS)
#define MAX_OBJECTS ((size_t)1 << (32 - SYMBOL_BITS))
#define LEAST_COUNT 8 /* fewer objects are looked into as quickly */
#define AHEAD       8 /* slots that are fetched before they are needed */

static const struct vm_owner scope_hash_owner = {.name = "[myld.so: symbols]"};

/* Scales the spread hash to the number of slots, which need not be a power of two then. */
static uint32_t home(const struct scope_hash *m, uint32_t hash)
{
	uint32_t spread = (hash >> 1) * 0x9e3779b1u; /* 2^32 divided by the golden ratio */

	return (uint32_t)((uint64_t)spread * m->size >> 32);
}

static uint32_t next_slot(const struct scope_hash *m, uint32_t i)
{
	return i + 1 < m->size ? i + 1 : 0;
}

/* Its chains' words are read without a look at the buckets' order; they must be there. */
static bool is_fit(const struct dso *d, size_t count)
{
	const struct symtab *s = &d->symtab;

	if (!s->nbuckets)
		return !s->sysv_nbuckets;
	return count <= MAX_SYMBOLS && count <= s->chain_limit;
}

/* Whether so many look-ups are worth a table of so many symbols: looking into half of the objects,
 * at some 8 ns each, against 8 ns an entry. */
static bool is_worth_it(size_t lookups, size_t objects, size_t symbols)
{
	return lookups * objects / 2 >= symbols;
}

/* About as many as there are symbols, or fewer: to count those takes a look at all buckets. */
static size_t count_buckets(struct dso *const *list, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += list[i]->symtab.nbuckets;
	return sum;
}

/* How many symbols all have together; 0: none, or the table cannot be made. */
static size_t count_all(struct dso *const *list, size_t n)
{
	size_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		size_t count = symbol_count(list[i]);

		if (!is_fit(list[i], count))
			return 0;
		if (list[i]->symtab.nbuckets && count > list[i]->symtab.symoffset)
			sum += count - list[i]->symtab.symoffset;
	}
	return sum;
}

/* Memory for n entries; a third of the slots stays free. */
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

/* The chains stand one behind the other, as a rule, and all of them end before `count`.  false:
 * they overlap, and more symbols come of them than there are (*left). */
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
		ld->diag.debug & DEBUG_SYMBOLS || !is_worth_it(lookups, n, count_buckets(list, n)))
		return false;
	sum = count_all(list, n);
	if (!sum || sum > UINT32_MAX / 4 || !is_worth_it(lookups, n, sum) ||
		!make_slots(ld, m, sum))
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
		if (object != where >> SYMBOL_BITS && symbol_matched(&match, def))
			return true;
		object = where >> SYMBOL_BITS;
		if (symbol_match(ld, d, where & (MAX_SYMBOLS - 1), w, &match)) {
			*def = (struct def){d, &d->symtab.sym[where & (MAX_SYMBOLS - 1)]};
			return true;
		}
	}
	return symbol_matched(&match, def);
}

/* memo.c: see memo.h.  Open addressing; the table doubles when it is three quarters full. */
#include "memo.h"

#define LEAST 64

static bool is_free(const struct memo *m, const struct memo_entry *e)
{
	return e->round != m->round;
}

static struct memo_entry *slot(const struct memo *m, uint32_t key)
{
	uint32_t i = key * 0x9e3779b1u; /* 2^32 divided by the golden ratio */
	struct memo_entry *e;

	for (i ^= i >> 16;; i++) {
		e = &m->table[i & m->mask];
		if (is_free(m, e) || e->key == key)
			return e;
	}
}

static void grow(struct memo *m, size_t size)
{
	const struct memo old = *m;
	struct memo_entry *table =
		size > UINT32_MAX / 2 ? NULL : arena_alloc(m->arena, size * sizeof *table);

	if (!table)
		return;
	m->table = table;
	m->mask = (uint32_t)size - 1;
	for (size_t i = 0; m->count && i <= old.mask; i++)
		if (!is_free(&old, &old.table[i]))
			*slot(m, old.table[i].key) = old.table[i];
}

static bool has_room(const struct memo *m, size_t n)
{
	return m->mask && n <= ((size_t)m->mask + 1) / 4 * 3;
}

void memo_init(struct memo *m, struct arena *arena)
{
	*m = (struct memo){.arena = arena};
}

void memo_next(struct memo *m, size_t n)
{
	size_t size = LEAST;

	m->round++;
	m->count = 0;
	while (n > size / 4 * 3)
		size *= 2;
	if (n && !has_room(m, n))
		grow(m, size);
}

const struct memo_entry *memo_find(const struct memo *m, uint32_t key)
{
	const struct memo_entry *e = m->count ? slot(m, key) : NULL;

	return e && !is_free(m, e) ? e : NULL;
}

void memo_add(struct memo *m, uint32_t key, const struct def *def)
{
	if (!has_room(m, m->count + 1))
		grow(m, m->mask ? 2 * ((size_t)m->mask + 1) : LEAST);
	if (!has_room(m, m->count + 1))
		return;
	*slot(m, key) = (struct memo_entry){m->round, key, *def};
	m->count++;
}

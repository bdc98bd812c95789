/* index.c: random updates of an index, beside a plain array.
 *
 * Addresses are few and ranges short, so that ranges often overlap or meet.  Memory fails at
 * random, and then nothing may have changed.  After each update some addresses are looked for, with
 * good and with senseless hints, and every now and then all of them.
 */
#include "vm/index.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { EPISODES = 60, UPDATES = 4000, SPACE = 1200, MOST_BLOCKS = 32 };

struct episode {
	struct vm_index ix;
	struct vm_index_entry model[SPACE]; /* in no order */
	size_t count, added, removed, refused, failed;
	uintptr_t unit; /* addresses are multiples of it, or close */
	uint64_t random;
	void *blocks[MOST_BLOCKS];
	size_t nblocks;
	bool out_of_memory;
	size_t hint;
};

static size_t rnd(struct episode *e, size_t n)
{
	e->random = e->random * 6364136223846793005u + 1442695040888963407u;
	return (e->random >> 33) % n;
}

static void *block(struct episode *e, size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

	assert_true(e->nblocks < MOST_BLOCKS);
	e->blocks[e->nblocks++] = p;
	return memset(p, 0, bytes);
}

static void *alloc(void *ctx, size_t bytes)
{
	struct episode *e = ctx;

	return e->out_of_memory ? NULL : block(e, bytes);
}

static const struct vm_index_entry *model_find(const struct episode *e, uintptr_t addr)
{
	for (size_t i = 0; i < e->count; i++)
		if (addr >= e->model[i].start && addr < e->model[i].end)
			return &e->model[i];
	return NULL;
}

static bool model_overlaps(const struct episode *e, const struct vm_index_entry *new)
{
	for (size_t i = 0; i < e->count; i++)
		if (new->start<e->model[i].end &&new->end> e->model[i].start)
			return true;
	return false;
}

static void check_address(struct episode *e, uintptr_t addr)
{
	const struct vm_index_entry *expected = model_find(e, addr);
	size_t senseless = rnd(e, 2) ? rnd(e, 4 * SPACE) : SIZE_MAX - rnd(e, 4);
	size_t *hints[] = {NULL, &e->hint, &senseless};

	for (size_t i = 0; i < sizeof hints / sizeof *hints; i++) {
		struct vm_index_entry found;

		assert_int_equal(vm_index_find(&e->ix, addr, hints[i], &found), expected != NULL);
		if (expected)
			assert_memory_equal(&found, expected, sizeof found);
	}
}

static void check_around(struct episode *e, uintptr_t addr)
{
	check_address(e, addr - 1);
	check_address(e, addr);
	check_address(e, addr + 1);
}

static void check_all(struct episode *e)
{
	check_around(e, 0);
	for (size_t i = 0; i <= SPACE; i++)
		check_around(e, i * e->unit);
	check_around(e, UINTPTR_MAX);
}

static void do_add(struct episode *e)
{
	uintptr_t start = rnd(e, SPACE), end = start + rnd(e, rnd(e, 8) ? 4 : 64);
	struct vm_index_entry new = {start * e->unit, end * e->unit, &e->model[rnd(e, SPACE)],
		&e->blocks[rnd(e, MOST_BLOCKS)]};
	int expected = 0, got;
	size_t blocks = e->nblocks;

	if (new.end < new.start || end >= SPACE)
		new.end = UINTPTR_MAX;
	if (!new.start || new.start >= new.end)
		expected = -EINVAL;
	else if (model_overlaps(e, &new))
		expected = -EEXIST;
	e->out_of_memory = rnd(e, 4) == 0;
	got = vm_index_add(&e->ix, &new);
	if (got == -ENOMEM) {
		assert_true(e->out_of_memory && expected != -EINVAL);
		e->failed++;
	} else {
		assert_int_equal(got, expected);
		assert_true(e->nblocks <= blocks + 1);
		e->refused += got != 0;
	}
	if (got == 0) {
		e->model[e->count++] = new;
		e->added++;
	}
	check_around(e, new.start);
	check_around(e, new.end);
}

static void do_remove(struct episode *e)
{
	size_t i = e->count ? rnd(e, e->count) : 0;
	struct vm_index_entry old = {.start = rnd(e, SPACE) * e->unit};
	bool expected = e->count && rnd(e, 4);

	if (expected) {
		old = e->model[i];
		e->model[i] = e->model[--e->count];
	} else {
		const struct vm_index_entry *m = model_find(e, old.start);

		old.start += m && m->start == old.start;
	}
	assert_int_equal(vm_index_remove(&e->ix, old.start), expected);
	e->removed += expected;
	check_around(e, old.start);
	check_around(e, old.end);
}

/* Whether entries become more, fewer, or neither. */
static bool wants_add(struct episode *e, size_t update)
{
	static const unsigned bias[] = {16, 3, 10, 8};

	return rnd(e, 20) < bias[update * 4 / UPDATES];
}

static void run_episode(uint64_t seed)
{
	struct episode *e = calloc(1, sizeof *e);
	size_t room = (size_t)4 << seed % 8, bytes = seed % 3 ? VM_INDEX_BYTES(room) : 0;

	e->random = seed * 77;
	e->unit = seed % 5 ? 4096 : UINTPTR_MAX / SPACE - 8;
	check_all(e);
	vm_index_init(&e->ix, bytes ? block(e, bytes) : NULL, bytes, alloc, e);
	check_all(e);
	for (size_t i = 0; i < UPDATES; i++) {
		if (wants_add(e, i))
			do_add(e);
		else
			do_remove(e);
		check_around(e, rnd(e, SPACE) * e->unit);
		if (rnd(e, 500) == 0)
			check_all(e);
	}
	check_all(e);
	assert_true(e->added > UPDATES / 20 && e->removed > UPDATES / 20 && e->refused > 20);
	for (size_t i = 0; i < e->nblocks; i++)
		free(e->blocks[i]);
	free(e);
}

static void random_updates(void **state)
{
	(void)state;
	for (uint64_t seed = 1; seed <= EPISODES; seed++)
		run_episode(seed);
}

/* The first memory is used up to the last slot, and not beyond. */
static void first_memory(void **state)
{
	(void)state;
	for (size_t room = 4; room <= 256; room *= 2) {
		struct episode *e = calloc(1, sizeof *e);

		vm_index_init(
			&e->ix, block(e, VM_INDEX_BYTES(room)), VM_INDEX_BYTES(room), alloc, e);
		for (size_t i = 1; i < room; i++) {
			struct vm_index_entry new = {i * 16, i * 16 + 16, e, NULL};

			assert_int_equal(vm_index_add(&e->ix, &new), 0);
		}
		assert_int_equal(e->nblocks, 1);
		e->out_of_memory = true;
		assert_int_equal(vm_index_add(&e->ix,
					 &(struct vm_index_entry){room * 16, room * 16 + 1, e, e}),
			-ENOMEM);
		e->out_of_memory = false;
		assert_int_equal(vm_index_add(&e->ix,
					 &(struct vm_index_entry){room * 16, room * 16 + 1, e, e}),
			0);
		assert_int_equal(e->nblocks, 2);
		free(e->blocks[0]); /* nobody looks at it any more: no reader was there */
		for (size_t i = 1; i <= room; i++)
			assert_true(vm_index_remove(&e->ix, i * 16));
		free(e->blocks[1]);
		free(e);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_updates),
		cmocka_unit_test(first_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

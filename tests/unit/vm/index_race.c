/* index_race.c: threads that find in an index while others change it, under ThreadSanitizer.
 *
 * Some ranges are there all the time and must always be found, the others come and go.  Each entry
 * leads to a record that was written just before it was added, by plain stores: that finding it is
 * enough to read the record is what the sanitizer checks.  The writers take turns under a lock.
 *
 * The sanitizer does not know fences (-Wno-tsan); all that the two in the index order are atomic
 * operations, which never race.
 *
 * Flags: -O2 -pthread -fsanitize=thread -Wno-tsan
 */
#include "vm/index.h"

#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* Every third range is always there. */
enum { READERS = 3, WRITERS = 2, RANGES = 48, UNIT = 0x1000, UPDATES = 150000, SECONDS = 4 };

struct record {
	uintptr_t start, end, serial;
};

struct thread {
	pthread_t id;
	struct race *race;
	uint64_t random;
	unsigned long finds, found, lost, wrong;
};

struct race {
	struct vm_index ix;
	pthread_mutex_t lock; /* the writers'; what follows is under it */
	struct record *records[RANGES];
	struct record *all; /* used one after the other, never again */
	size_t used;
	void *blocks[32];
	size_t nblocks;
	unsigned long failed;
	bool done; /* atomic */
	size_t hint;
};

static size_t rnd(struct thread *t, size_t n)
{
	t->random = t->random * 6364136223846793005u + 1442695040888963407u;
	return (t->random >> 33) % n;
}

static void *alloc(void *ctx, size_t bytes)
{
	struct race *r = ctx;
	void *p = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

	r->blocks[r->nblocks++] = p;
	return memset(p, 0, bytes);
}

static bool is_stable(size_t n)
{
	return n % 3 == 0;
}

static void flip(struct race *r, size_t n)
{
	uintptr_t start = (2 * n + 1) * UNIT;
	struct record *record;
	struct vm_index_entry e;

	if (r->records[n]) {
		r->failed += !vm_index_remove(&r->ix, start);
		r->records[n] = NULL;
		return;
	}
	record = &r->all[r->used++];
	*record = (struct record){start, start + UNIT, r->used};
	e = (struct vm_index_entry){start, start + UNIT, record, (void *)(start ^ r->used)};
	r->failed += vm_index_add(&r->ix, &e) != 0;
	r->records[n] = record;
}

static bool is_consistent(const struct vm_index_entry *e, uintptr_t addr)
{
	const struct record *r = e->what;

	return addr >= e->start && addr < e->end && r->start == e->start && r->end == e->end &&
	       (uintptr_t)e->more == (r->start ^ r->serial);
}

static void *read_it(void *arg)
{
	struct thread *t = arg;
	struct race *r = t->race;
	size_t own = 0, *hints[] = {NULL, &own, &r->hint};

	while (!__atomic_load_n(&r->done, __ATOMIC_RELAXED)) {
		size_t n = rnd(t, RANGES);
		uintptr_t addr = (2 * n + 1) * UNIT + rnd(t, UNIT);
		struct vm_index_entry e;

		t->finds++;
		if (vm_index_find(&r->ix, addr, hints[rnd(t, 3)], &e)) {
			t->found++;
			t->wrong += !is_consistent(&e, addr);
		} else {
			t->lost += is_stable(n);
		}
		t->wrong += vm_index_find(&r->ix, addr - UNIT, NULL, &e);
	}
	return NULL;
}

static void *write_it(void *arg)
{
	struct thread *t = arg;
	struct race *r = t->race;
	time_t end = time(NULL) + SECONDS;

	for (size_t i = 0; i < UPDATES && time(NULL) < end; i++) {
		size_t n = rnd(t, RANGES);

		if (is_stable(n))
			continue;
		pthread_mutex_lock(&r->lock);
		flip(r, n);
		pthread_mutex_unlock(&r->lock);
	}
	return NULL;
}

static void start(struct race *r, struct thread *t, size_t n, void *(*run)(void *))
{
	for (size_t i = 0; i < n; i++) {
		t[i] = (struct thread){.race = r, .random = (uintptr_t)run + i};
		assert_int_equal(pthread_create(&t[i].id, NULL, run, &t[i]), 0);
	}
}

static void stop(struct thread *t, size_t n)
{
	for (size_t i = 0; i < n; i++)
		pthread_join(t[i].id, NULL);
}

static void find_beside_writers(void **state)
{
	struct race *r = calloc(1, sizeof *r);
	struct thread readers[READERS], writers[WRITERS];

	(void)state;
	r->all = calloc(WRITERS * UPDATES + RANGES, sizeof *r->all);
	pthread_mutex_init(&r->lock, NULL);
	vm_index_init(&r->ix, NULL, 0, alloc, r);
	for (size_t n = 0; n < RANGES; n += 3)
		flip(r, n);
	start(r, readers, READERS, read_it);
	start(r, writers, WRITERS, write_it);
	stop(writers, WRITERS);
	__atomic_store_n(&r->done, true, __ATOMIC_RELAXED);
	stop(readers, READERS);
	print_message("%zu records\n", r->used);
	assert_int_equal(r->failed, 0);
	assert_true(r->used > UPDATES / 100);
	for (size_t i = 0; i < READERS; i++) {
		print_message("%lu finds, %lu found\n", readers[i].finds, readers[i].found);
		assert_true(readers[i].found > 1000);
		assert_int_equal(readers[i].lost, 0);
		assert_int_equal(readers[i].wrong, 0);
	}
	for (size_t i = 0; i < r->nblocks; i++)
		free(r->blocks[i]);
	free(r->all);
	free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(find_beside_writers)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

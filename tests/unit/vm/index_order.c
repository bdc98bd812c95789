/* index_order.c: the memory order of the index, on a memory that is as weak as C11 allows.
 *
 * A test on x86 cannot see a missing fence: that processor keeps loads and stores in order.  So the
 * atomic operations of vm/index.c are replaced (weak.h).  The writer runs first, all of it, and its
 * stores are written down one after the other.  Then readers run, each in the middle of that
 * history: a load gets any value that the standard lets it see, at random.  A writer does not
 * depend on readers, so nothing is lost by the order of the two.
 *
 * With one writer, what a reader must have seen by now is one number: all stores up to that one
 * (C11 5.1.2.4, "happens before").  A release store carries its own number, a store behind a
 * release fence the fence's; an acquire load takes it over, an acquire fence that of all loads
 * before it.
 *
 * Flags: -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -include tests/unit/vm/weak.h
 */
#include "vm/index.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { RANGES = 15, STABLE = 7, UNIT = 0x1000, HISTORY = 40, EPISODES = 400, FINDS = 1500 };
enum { MEMORY = 64 * 1024, WORDS = MEMORY / sizeof(uintptr_t), STORES = 1 << 14 };

/* One store to a word, and the one to the same word before it. */
struct message {
	uintptr_t value;
	size_t before;   /* 0: none, the word was zero */
	size_t released; /* whoever acquires this has seen all stores up to here */
};

static struct {
	struct message store[STORES]; /* from 1 */
	size_t stores;
	size_t last[WORDS + 8]; /* the last store to each word; 0: none */
	size_t fence;           /* the last release fence: stores before it */

	bool reading;
	size_t seen;            /* the reader has seen the stores up to here */
	size_t pending;         /* ... will have, after an acquire fence */
	size_t read[WORDS + 8]; /* the store to each word that it has read */
	uint64_t random;
} weak;

static struct {
	struct vm_index ix;
	_Alignas(64) uintptr_t words[WORDS];
	size_t used;
} * mem;

static size_t rnd(size_t n)
{
	weak.random = weak.random * 6364136223846793005u + 1442695040888963407u;
	return (weak.random >> 33) % n;
}

static size_t word_of(const void *p)
{
	size_t word = ((uintptr_t)p - (uintptr_t)mem) / sizeof(uintptr_t);

	assert_true(word < WORDS + 8);
	return word;
}

void weak_fence(int order)
{
	if (weak.reading && order == __ATOMIC_ACQUIRE && weak.pending > weak.seen)
		weak.seen = weak.pending;
	else if (!weak.reading && order == __ATOMIC_RELEASE)
		weak.fence = weak.stores;
}

void weak_store(void *p, uintptr_t value, int order)
{
	size_t *last = &weak.last[word_of(p)], number = ++weak.stores;

	assert_true(!weak.reading && number < STORES);
	weak.store[number] =
		(struct message){value, *last, order == __ATOMIC_RELEASE ? number : weak.fence};
	*last = number;
	*(uintptr_t *)p = value;
}

uintptr_t weak_load(const void *p, int order)
{
	size_t word, number, oldest;

	if (!weak.reading)
		return *(const uintptr_t *)p;
	word = word_of(p);
	oldest = weak.read[word];
	number = weak.last[word];
	/* Any store that is not older than what was read before, nor than the newest one seen. */
	while (number > oldest && number > weak.seen && rnd(3))
		number = weak.store[number].before > oldest ? weak.store[number].before : oldest;
	weak.read[word] = number;
	if (weak.store[number].released > weak.pending)
		weak.pending = weak.store[number].released;
	if (order == __ATOMIC_ACQUIRE && weak.store[number].released > weak.seen)
		weak.seen = weak.store[number].released;
	return number ? weak.store[number].value : 0;
}

static void *alloc(void *ctx, size_t bytes)
{
	void *p = &mem->words[mem->used];

	(void)ctx;
	mem->used += (bytes + 63) / 64 * 8;
	assert_true(mem->used <= WORDS);
	return p;
}

static struct vm_index_entry entry(size_t n)
{
	uintptr_t start = (2 * n + 1) * UNIT;

	return (struct vm_index_entry){
		start, start + UNIT, (void *)(start * 3), (void *)(start * 5)};
}

/* Returns the number of stores until the stable range was there: readers began after that. */
static size_t write_history(void)
{
	bool present[RANGES] = {false};
	struct vm_index_entry e = entry(STABLE);
	size_t begin = 0;

	weak.reading = false;
	vm_index_init(&mem->ix, NULL, 0, alloc, NULL);
	for (size_t i = 0; i < HISTORY; i++) {
		size_t n = (STABLE + 1 + rnd(RANGES - 1)) % RANGES;

		if (i == 5) {
			assert_int_equal(vm_index_add(&mem->ix, &e), 0);
			begin = weak.stores;
		}
		if (present[n])
			assert_true(vm_index_remove(&mem->ix, entry(n).start));
		else
			assert_int_equal(
				vm_index_add(&mem->ix, &(struct vm_index_entry[]){entry(n)}[0]), 0);
		present[n] = !present[n];
	}
	return begin;
}

/* A find of a reader that has seen the first so many stores. */
static void read_once(size_t seen, size_t n)
{
	struct vm_index_entry e = entry(n), found;

	weak.reading = true;
	weak.seen = weak.pending = seen;
	memset(weak.read, 0, sizeof weak.read);
	if (vm_index_find(&mem->ix, e.start + 8, NULL, &found))
		assert_memory_equal(&found, &e, sizeof e);
	else
		assert_int_not_equal(n, STABLE);
}

static void read_history(void **state)
{
	mem = aligned_alloc(64, (sizeof *mem + 63) / 64 * 64);
	(void)state;
	for (size_t episode = 0; episode < EPISODES; episode++) {
		size_t begin;

		memset(mem, 0, sizeof *mem);
		memset(&weak, 0, sizeof weak);
		weak.random = episode;
		begin = write_history();
		for (size_t i = 0; i < FINDS; i++)
			read_once(begin + rnd(weak.stores - begin), rnd(2) ? STABLE : rnd(RANGES));
	}
	free(mem);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(read_history)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

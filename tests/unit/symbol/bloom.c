/* bloom.c: which objects of a scope a hash leads to, beside their own filters asked one by one.
 *
 * Scopes of random filters grow, lose objects and are asked, before and after copies of the filters
 * have been made, and with no memory for either table.  Objects without a filter are always led to.
 */
#include "symbol/bloom.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { OBJECTS = 100, MOST_WORDS = 16, WORD = 8 * sizeof(uintptr_t) };

struct fixture {
	struct loader ld;
	struct dso objects[OBJECTS], *list[OBJECTS];
	uintptr_t words[OBJECTS][MOST_WORDS];
	struct scope scope;
};

/* Half of the bits are set, or none are: there is no filter. */
static void make_object(struct fixture *f, struct dso *d, size_t i)
{
	*d = (struct dso){0};
	for (size_t w = 0; w < MOST_WORDS; w++)
		f->words[i][w] =
			(uintptr_t)rand() << 33 ^ (uintptr_t)rand() << 15 ^ (uintptr_t)rand();
	if (rand() % 8 == 0)
		return;
	d->symtab.nbuckets = 1;
	d->symtab.bloom = f->words[i];
	d->symtab.bloom_mask = (1u << rand() % 5) - 1;
	d->symtab.bloom_shift = (uint32_t)rand() % 32;
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	srand(1);
	for (size_t i = 0; i < OBJECTS; i++)
		make_object(f, &f->objects[i], i);
	f->scope.list = f->list;
	f->scope.room = OBJECTS;
	fake_loader_init(&f->ld);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fake_loader_free(&f->ld);
	free(f);
	return 0;
}

/* The format's own words: "(bloom[h / 64 % n] >> h % 64) & (... >> (h >> shift) % 64) & 1". */
static bool may_have(const struct dso *d, uint32_t h)
{
	const struct symtab *s = &d->symtab;
	uintptr_t word;

	if (!s->nbuckets)
		return true;
	word = s->bloom[h / WORD & s->bloom_mask];
	return word >> h % WORD & word >> (h >> s->bloom_shift) % WORD & 1;
}

static void assert_led(struct fixture *f, uint32_t hash)
{
	struct bloom_query q = bloom_query(hash);
	size_t next;

	assert_true(bloom_ready(&f->ld, &f->scope));
	next = bloom_next(&f->scope, 0, &q);
	for (size_t i = 0; i < f->scope.count; i++)
		if (may_have(f->scope.list[i], hash)) {
			assert_int_equal(next, i);
			next = bloom_next(&f->scope, i + 1, &q);
		}
	assert_int_equal(next, f->scope.count);
}

static uint32_t any_hash(void)
{
	return (uint32_t)rand() << 16 ^ (uint32_t)rand();
}

static void ask(struct fixture *f, size_t times)
{
	while (times--)
		assert_led(f, any_hash());
}

static void by_the_filters(void **state)
{
	struct fixture *f = *state;

	ask(f, 1);
	while (f->scope.count < OBJECTS) {
		f->list[f->scope.count] = &f->objects[f->scope.count];
		f->scope.count++;
		ask(f, f->scope.count % 20 ? 3 : 200);
	}
}

/* Another object's filter takes the place of the one that goes: what was copied may not be used. */
static void objects_that_go(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < OBJECTS; i++)
		f->list[f->scope.count++] = &f->objects[i];
	while (f->scope.count) {
		size_t gone = (size_t)rand() % f->scope.count;
		struct dso *d = f->list[gone];

		ask(f, rand() % 3 ? 2 : 100);
		memmove(&f->list[gone], &f->list[gone + 1],
			(f->scope.count - gone - 1) * sizeof *f->list);
		if (f->scope.filtered > gone)
			f->scope.filtered = gone;
		f->scope.count--;
		memset(f->words[d - f->objects], 0, sizeof f->words[0]);
	}
}

static void a_larger_list(void **state)
{
	struct fixture *f = *state;

	f->scope.room = 4;
	for (size_t i = 0; i < OBJECTS; i++) {
		if (f->scope.count == f->scope.room)
			f->scope.room *= 2;
		f->list[f->scope.count++] = &f->objects[i];
		ask(f, 70);
	}
}

static void no_memory(void **state)
{
	struct fixture *f = *state;

	for (size_t i = 0; i < OBJECTS; i++)
		f->list[f->scope.count++] = &f->objects[i];
	fake_memory.left = 0;
	assert_false(bloom_ready(&f->ld, &f->scope));
	fake_memory.left = 1;
	ask(f, 300); /* the copies cannot be had */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(by_the_filters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(objects_that_go, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_larger_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* modules.c: ids of modules, as they come and go; and the blocks that a thread gets of them. */
#include "tls/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/symbols.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { MODULES = 50, STEPS = 3000 };

static const char text[] = "initialised";
static struct dso *modules[MODULES];

/* The blocks are those of the process' loader. */
static int set_up(void **state)
{
	fake_loader_init(&loader);
	for (size_t i = 0; i < MODULES; i++) {
		struct dso *d = modules[i] = sample_object(&loader, "/lib.so");

		d->tls.image = (uintptr_t)text;
		d->tls.filesz = sizeof text;
		d->tls.memsz = sizeof text + any(100);
		d->tls.align = (size_t)1 << any(9);
		d->tls.vaddr = any(1000);
	}
	loader.phase = PHASE_LAID_OUT;
	*state = &loader.tls;
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	fake_loader_free(&loader);
	return 0;
}

/* The lowest id that nobody has. */
static size_t lowest_free(void)
{
	for (size_t id = 1;; id++) {
		size_t i = 0;

		while (i < MODULES && modules[i]->tls.module != id)
			i++;
		if (i == MODULES)
			return id;
	}
}

static void ids_are_reused(void **state)
{
	struct tls *t = *state;
	size_t most = 0, now = 0;

	for (int step = 0; step < STEPS; step++) {
		struct dso *d = modules[any(MODULES)];
		size_t id = lowest_free(), generation = t->generation;

		if (d->tls.module) {
			tls_remove(&loader, d);
			now--;
		} else {
			assert_int_equal(tls_add(&loader, d), 0);
			assert_int_equal(d->tls.module, id);
			assert_ptr_equal(t->modules[id].dso, d);
			most = ++now > most ? now : most;
		}
		assert_int_equal(t->generation, generation + 1);
		assert_int_equal(t->count, most);
		assert_int_equal(t->gaps, t->count - now);
	}
}

/* Those of start-up are known before there is a thread. */
static void no_generation_at_start_up(void **state)
{
	struct tls *t = *state;

	loader.phase = PHASE_LOADING;
	for (size_t i = 0; i < MODULES; i++)
		assert_int_equal(tls_add(&loader, modules[i]), 0);
	assert_int_equal(t->generation, 0);
	tls_remove(&loader, modules[0]);
	tls_remove(&loader, modules[0]); /* it has no id any more */
	assert_int_equal(t->generation, 1);
	assert_int_equal(t->gaps, 1);
}

static void ids_without_memory(void **state)
{
	(void)state;
	fake_memory.left = 0;
	assert_int_equal(tls_add(&loader, modules[0]), -1);
	assert_int_equal(modules[0]->tls.module, 0);
	assert_int_equal(loader.tls.count, 0);
	fake_assert_says(&loader, "no memory for its TLS module");
}

static char *block_of(const struct dso *d)
{
	const struct tls_index index = {d->tls.module, -(uintptr_t)ARCH_DTP_BIAS};

	return tls_address(&index);
}

static void assert_block(const struct dso *d, const char *block)
{
	assert_memory_equal(block, text, sizeof text);
	for (size_t i = sizeof text; i < d->tls.memsz; i++)
		assert_int_equal(block[i], 0);
	assert_int_equal(((uintptr_t)block - d->tls.vaddr) & (d->tls.align - 1), 0);
}

/* Made at the first use, kept until the module goes, and never that of another with the same id. */
static void blocks_by_first_use(void **state)
{
	char *blocks[MODULES] = {NULL};

	(void)state;
	for (int step = 0; step < STEPS; step++) {
		size_t i = any(MODULES);
		struct dso *d = modules[i];

		assert_ptr_equal(d->tls.module ? tls_peek(&loader, d) : NULL, blocks[i]);
		if (!d->tls.module) {
			assert_int_equal(tls_add(&loader, d), 0);
		} else if (any(4) == 0) {
			tls_remove(&loader, d);
			blocks[i] = NULL;
		} else if (!blocks[i]) {
			blocks[i] = block_of(d);
			assert_block(d, blocks[i]);
			blocks[i][0] = 'x';
		} else {
			assert_ptr_equal(block_of(d), blocks[i]);
			assert_int_equal(blocks[i][0], 'x');
		}
	}
	tls_free_thread(&loader, tls_self(&loader));
}

static void a_recycled_thread_has_none(void **state)
{
	struct tls_thread *t = tls_self(&loader);
	char *block;

	(void)state;
	assert_int_equal(tls_add(&loader, modules[0]), 0);
	block = block_of(modules[0]);
	block[0] = 'x';
	assert_non_null(tls_peek(&loader, modules[0]));
	tls_recycle_thread(&loader, t);
	assert_null(tls_peek(&loader, modules[0]));
	assert_block(modules[0], block_of(modules[0]));
	tls_free_thread(&loader, t);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(ids_are_reused),
		TEST(no_generation_at_start_up),
		TEST(ids_without_memory),
		TEST(blocks_by_first_use),
		TEST(a_recycled_thread_has_none),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

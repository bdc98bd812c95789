/* by_address.c: the symbol that an address belongs to, beside a look at every symbol.
 *
 * Random tables, spread out or crowded, with sizes and without, with symbols that name no address
 * and some that lie outside of the object; asked for addresses at, around and between all of them,
 * often enough that the index answers, and with no memory for it.
 */
#include "symbol/by_address.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { MOST = 300, BASE = 0x10000000, FIRST = 0x2000, SPAN = 0x40000, STRINGS = 100 };

struct fixture {
	struct loader ld;
	struct dso d;
	struct dso_state state;
	Elf_Sym sym[MOST];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	srand(1);
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

static void make_table(struct fixture *f, size_t n, uintptr_t crowd)
{
	static const unsigned types[] = {STT_NOTYPE, STT_OBJECT, STT_FUNC, STT_FUNC, STT_FUNC,
		STT_COMMON, STT_GNU_IFUNC, STT_TLS, STT_SECTION, STT_FILE};

	heap_free(&f->ld.heap, f->state.by_address);
	f->state = (struct dso_state){0};
	f->d = (struct dso){.state = &f->state,
		.base = BASE,
		.start = BASE + FIRST,
		.end = BASE + FIRST + SPAN,
		.symtab = {.sym = f->sym,
			.limit = n,
			.str_size = STRINGS,
			.sysv_nbuckets = 1,
			.sysv_nchain = (uint32_t)n}};
	for (size_t i = 0; i < n; i++)
		f->sym[i] = (Elf_Sym){.st_name = (uint32_t)(rand() % 20 ? 1 : STRINGS),
			.st_info = (unsigned char)(STB_GLOBAL << 4 | types[rand() % 10]),
			.st_shndx = (uint16_t)(rand() % 20  ? 5
					       : rand() % 2 ? SHN_UNDEF
							    : SHN_ABS),
			.st_value = (uintptr_t)rand() % crowd + (rand() % 9 ? FIRST : 0),
			.st_size = rand() % 2 ? 0 : (size_t)rand() % 100};
}

static bool counts(const Elf_Sym *s)
{
	unsigned type = ELF_ST_TYPE(s->st_info);

	return s->st_value && s->st_shndx == 5 && s->st_name < STRINGS && type != STT_TLS &&
	       type != STT_SECTION && type != STT_FILE;
}

static const Elf_Sym *expected(const struct fixture *f, uintptr_t v)
{
	const Elf_Sym *best = NULL;

	for (size_t i = 0; i < f->d.symtab.limit; i++)
		if (counts(&f->sym[i]) && f->sym[i].st_value <= v &&
			(!best || best->st_value < f->sym[i].st_value))
			best = &f->sym[i];
	return best && best->st_size && v >= best->st_value + best->st_size ? NULL : best;
}

static void assert_nearest(struct fixture *f, uintptr_t v)
{
	assert_ptr_equal(symbol_by_address(&f->ld, &f->d, BASE + v), expected(f, v));
}

static void ask(struct fixture *f)
{
	for (size_t i = 0; i < f->d.symtab.limit; i++) {
		const Elf_Sym *s = &f->sym[i];

		assert_nearest(f, s->st_value - 1);
		assert_nearest(f, s->st_value);
		assert_nearest(f, s->st_value + s->st_size - 1);
		assert_nearest(f, s->st_value + s->st_size);
		assert_nearest(f, FIRST + (uintptr_t)rand() % SPAN);
	}
	assert_nearest(f, 0);
	assert_nearest(f, FIRST);
	assert_nearest(f, FIRST + SPAN - 1);
}

static void tables(void **state)
{
	struct fixture *f = *state;
	static const uintptr_t crowds[] = {SPAN, SPAN / 100, 16, 2 * SPAN};

	for (int round = 0; round < 40; round++) {
		make_table(f, (size_t)rand() % MOST, crowds[round % 4]);
		ask(f);
		assert_non_null(f->state.by_address);
	}
}

static void small_tables(void **state)
{
	struct fixture *f = *state;

	for (size_t n = 0; n < 6; n++) {
		make_table(f, n, SPAN);
		for (int i = 0; i < 5; i++)
			ask(f);
	}
}

/* Who asks a few times costs no memory. */
static void few_questions(void **state)
{
	struct fixture *f = *state;

	make_table(f, MOST, SPAN);
	fake_memory.made = 0;
	for (int i = 0; i < 3; i++)
		assert_nearest(f, FIRST + 10);
	assert_int_equal(fake_memory.made, 0);
}

static void no_memory(void **state)
{
	struct fixture *f = *state;

	make_table(f, MOST, SPAN);
	fake_memory.left = 0;
	ask(f);
	assert_null(f->state.by_address);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(small_tables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(few_questions, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

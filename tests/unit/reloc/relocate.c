/* relocate.c: what relocations write, beside the psABI's table of them read plainly.
 *
 * A library with random relocations to a program's symbols and its own, in a data segment that is
 * random at first: every word must come out as the model says, those that no relocation names as
 * they were.
 */
#include "reloc/reloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/fake_loader.h"
#include "lib/image.h"
#include "lib/symbols.h"
#include "object/scope.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { WORDS = 200, MOST = 32, SYMBOLS = 4 };

/* Of the program: the library's table has the same names, undefined; "gone" nobody defines. */
static const struct sample defined[] = {
	{"alpha", STB_GLOBAL, STT_OBJECT, STV_DEFAULT, 1, 0, IMAGE_DATA + 8, 24},
	{"beta", STB_WEAK, STT_FUNC, STV_DEFAULT, 1, 0, IMAGE_CODE + 64, 5},
	{"absolute", STB_GLOBAL, STT_NOTYPE, STV_DEFAULT, SHN_ABS, 0, 0x1234, 0},
};
static const struct sample wanted[SYMBOLS] = {
	{"alpha", STB_GLOBAL, STT_NOTYPE, STV_DEFAULT, SHN_UNDEF, 0, 0, 0},
	{"beta", STB_GLOBAL, STT_NOTYPE, STV_DEFAULT, SHN_UNDEF, 0, 0, 0},
	{"absolute", STB_GLOBAL, STT_NOTYPE, STV_DEFAULT, SHN_UNDEF, 0, 0, 0},
	{"gone", STB_WEAK, STT_NOTYPE, STV_DEFAULT, SHN_UNDEF, 0, 0, 0},
};

struct fixture {
	struct loader ld;
	struct dso *program, *lib;
	uintptr_t *data; /* of the library: WORDS of it are written to */
	uintptr_t before[WORDS], want[WORDS];
	Elf_Rela *rela;
	size_t count;
	struct reloc_work work;
};

static void add_objects(struct fixture *f)
{
	f->program = f->ld.program = image_make(&f->ld, "/prog");
	f->lib = image_make(&f->ld, "/lib.so");
	sample_symbols(&f->ld, f->program, defined, COUNT(defined), HASH_GNU, false);
	sample_symbols(&f->ld, f->lib, wanted, SYMBOLS, HASH_SYSV, false);
	scope_join_global(&f->ld, &f->ld.base, f->program);
	scope_join_global(&f->ld, &f->ld.base, f->lib);
	f->program->relocated = true;
	f->rela = heap_alloc(&f->ld.heap, MOST * sizeof *f->rela, 0, 0);
	f->data = dso_at(f->lib, IMAGE_DATA);
	for (size_t i = 0; i < WORDS; i++)
		f->data[i] = f->before[i] = f->want[i] = (uintptr_t)rand() << 20 ^ (uintptr_t)rand();
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	add_objects(f);
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

static struct fixture *again(void **state)
{
	tear_down(state);
	set_up(state);
	return *state;
}

/* ---- The model ---- */

static void add(struct fixture *f, uint32_t type, size_t symbol, size_t word, intptr_t addend)
{
	f->rela[f->count++] = (Elf_Rela){.r_offset = IMAGE_DATA + word * sizeof(uintptr_t),
		.r_info = ELF64_R_INFO((uint64_t)symbol, type),
		.r_addend = addend};
}

/* The address of the symbol of that number in the library's table; 0: nobody defines it. */
static uintptr_t address(const struct fixture *f, size_t symbol)
{
	const struct sample *s = &defined[symbol - 1];

	if (symbol > COUNT(defined))
		return 0;
	return s->section == SHN_ABS ? s->value : f->program->base + s->value;
}

static enum bound relocate(struct fixture *f)
{
	f->lib->rela = (struct table){(uintptr_t)f->rela, f->count * sizeof *f->rela};
	reloc_begin(&f->work);
	return reloc_objects(&f->ld, f->program, BIND_NOW, &f->ld.base.global, &f->work);
}

static void assert_data(const struct fixture *f)
{
	for (size_t i = 0; i < WORDS; i++)
		if (f->data[i] != f->want[i])
			fail_msg("word %zu: %#zx, expected %#zx", i, (size_t)f->data[i],
				(size_t)f->want[i]);
}

/* ---- Kinds ---- */

static void words_of_every_kind(void **state)
{
	static const uint32_t types[] = {
		ARCH_R_RELATIVE, ARCH_R_ABS, ARCH_R_GLOB_DAT, ARCH_R_SIZE, ARCH_R_NONE};

	for (int round = 0; round < 400; round++) {
		struct fixture *f = again(state);

		for (size_t word = 0; word < WORDS && f->count < MOST; word++) {
			uint32_t type = types[any(COUNT(types))];
			size_t symbol = type == ARCH_R_RELATIVE ? 0 : 1 + any(SYMBOLS);
			intptr_t addend = (intptr_t)any(4096) - 2048;

			if (any(2))
				continue;
			add(f, type, symbol, word, addend);
			if (type == ARCH_R_RELATIVE)
				f->want[word] = f->lib->base + (uintptr_t)addend;
			else if (type == ARCH_R_SIZE)
				f->want[word] = (uintptr_t)addend +
						(symbol <= COUNT(defined) ? defined[symbol - 1].size
									  : 0);
			else if (type != ARCH_R_NONE)
				f->want[word] = address(f, symbol) + (uintptr_t)addend;
		}
		assert_int_equal(relocate(f), BOUND);
		assert_data(f);
		assert_true(f->lib->relocated);
	}
}

static void a_number_that_does_not_fit(void **state)
{
	struct fixture *f = *state;

	add(f, ARCH_R_ABS32, 1, 3, 0); /* a heap's address has more than 32 bits */
	assert_int_equal(relocate(f), BROKEN);
	fake_assert_says(&f->ld, "does not fit");
	assert_data(f);
	f->count = 0;
	add(f, ARCH_R_ABS32, 3, 3, 5);
	f->want[3] = (f->want[3] & ~(uintptr_t)UINT32_MAX) | (0x1234 + 5);
	assert_int_equal(relocate(f), BOUND);
	assert_data(f);
}

static void distances(void **state)
{
	struct fixture *f = *state;
	uintptr_t place = (uintptr_t)&f->data[7];

	add(f, ARCH_R_PC, 1, 7, 9);
	f->want[7] = address(f, 1) + 9 - place;
	assert_int_equal(relocate(f), BOUND);
	assert_data(f);
}

static void what_nobody_defines(void **state)
{
	struct fixture *f = *state;

	((Elf_Sym *)f->lib->symtab.sym)[4].st_info = STB_GLOBAL << 4;
	add(f, ARCH_R_ABS, 4, 1, 0);
	add(f, ARCH_R_ABS, 1, 2, 0);
	f->want[2] = address(f, 1);
	assert_int_equal(relocate(f), UNDEFINED);
	fake_assert_says(&f->ld, "/lib.so: undefined symbol: gone");
	assert_data(f); /* the others are applied all the same */
	assert_false(f->lib->relocated);
}

/* ---- RELR ---- */

/* gABI, "Relative Relocations": addresses and bitmaps for the words that `set` names. */
static size_t encode(const bool *set, uintptr_t *out)
{
	const size_t bits = 8 * sizeof *out - 1;
	size_t n = 0;

	for (size_t i = 0; i < WORDS;) {
		if (!set[i]) {
			i++;
			continue;
		}
		out[n++] = IMAGE_DATA + i++ * sizeof *out;
		for (;;) {
			uintptr_t map = 0;

			for (size_t k = 0; k < bits && i + k < WORDS; k++)
				map |= (uintptr_t)set[i + k] << k;
			if (!map)
				break;
			out[n++] = map << 1 | 1;
			i += bits;
		}
	}
	return n;
}

static void bitmaps(void **state)
{
	for (int round = 0; round < 400; round++) {
		struct fixture *f = again(state);
		uintptr_t *relr = heap_alloc(&f->ld.heap, 2 * WORDS * sizeof *relr, 0, 0);
		bool set[WORDS];

		for (size_t i = 0; i < WORDS; i++) {
			set[i] = !any(1 + round % 9);
			f->want[i] += set[i] ? f->lib->base : 0;
		}
		f->lib->relr = (struct table){(uintptr_t)relr, encode(set, relr) * sizeof *relr};
		assert_int_equal(relocate(f), BOUND);
		assert_data(f);
	}
}

/* ---- Places ---- */

static void places_that_are_no_data(void **state)
{
	static const uintptr_t bad[] = {IMAGE_CODE, IMAGE_DATA - 1, IMAGE_CONST - 4, IMAGE_CONST,
		IMAGE_END, IMAGE_END + 0x10000, UINTPTR_MAX - 3};
	static const uint32_t types[] = {ARCH_R_RELATIVE, ARCH_R_ABS};

	for (size_t i = 0; i < COUNT(bad) * COUNT(types); i++) {
		struct fixture *f = again(state);

		add(f, types[i % 2], types[i % 2] == ARCH_R_ABS, 0, 0);
		f->rela[0].r_offset = bad[i / 2];
		assert_int_equal(relocate(f), BROKEN);
		fake_assert_says(&f->ld, "not within a writable segment");
		assert_data(f);
	}
}

static void symbols_that_are_not_there(void **state)
{
	struct fixture *f = *state;

	add(f, ARCH_R_ABS, 1000000, 0, 0);
	assert_int_equal(relocate(f), BROKEN);
	fake_assert_says(&f->ld, "symbol index 1000000");
	assert_data(f);
}

/* ---- What has to wait ---- */

static void resolvers_wait(void **state)
{
	struct fixture *f = *state;

	add(f, ARCH_R_IRELATIVE, 0, 5, IMAGE_CODE + 16);
	assert_int_equal(relocate(f), BOUND);
	assert_data(f);
	assert_non_null(f->work.ifuncs.first);
	assert_ptr_equal(f->work.ifuncs.first->where, &f->data[5]);
	assert_int_equal(f->work.ifuncs.first->value, f->lib->base + IMAGE_CODE + 16);
	assert_null(f->work.ifuncs.first->next);
}

static void resolvers_are_code(void **state)
{
	struct fixture *f = *state;

	add(f, ARCH_R_IRELATIVE, 0, 5, IMAGE_DATA);
	assert_int_equal(relocate(f), BROKEN);
	fake_assert_says(&f->ld, "not in an executable segment");
}

/* COPY takes as much as the smaller of the two has, and not before the source is relocated. */
static void copies(void **state)
{
	struct fixture *f = *state;
	uintptr_t *source = dso_at(f->program, defined[0].value);

	((Elf_Sym *)f->lib->symtab.sym)[1].st_size = 16;
	add(f, ARCH_R_COPY, 1, 10, 0);
	assert_int_equal(relocate(f), BOUND);
	assert_data(f);
	source[0] = f->want[10] = 111;
	source[1] = f->want[11] = 222;
	source[2] = 333;
	reloc_copies(&f->work);
	assert_data(f);
}

/* ---- Bindings that are known ---- */

static struct {
	uint32_t key[MOST];
	struct def def[MOST];
	size_t n, next;
} memory;

static void remember(struct loader *ld, struct dso *d, uint32_t key, const struct def *def)
{
	(void)ld, (void)d;
	memory.key[memory.n] = key;
	memory.def[memory.n++] = *def;
}

static bool recall(struct loader *ld, struct dso *d, uint32_t key, struct def *def)
{
	(void)ld, (void)d;
	if (memory.next == memory.n || memory.key[memory.next] != key)
		return false;
	*def = memory.def[memory.next++];
	return true;
}

static void known_bindings_need_no_lookup(void **state)
{
	struct fixture *f = *state;
	struct bindings b = {.record = remember};

	memory.n = memory.next = 0;
	f->ld.bindings = &b;
	for (size_t i = 0; i < 12; i++) {
		size_t symbol = 1 + i % SYMBOLS;

		add(f, ARCH_R_ABS, symbol, i, (intptr_t)i);
		f->want[i] = address(f, symbol) + i;
	}
	assert_int_equal(relocate(f), BOUND);
	assert_data(f);
	assert_int_equal(memory.n, 12);
	memcpy(f->data, f->before, sizeof f->before);
	f->lib->relocated = false;
	f->ld.statistics.lookups = 0;
	b = (struct bindings){.take = recall};
	assert_int_equal(relocate(f), BOUND);
	assert_data(f);
	assert_int_equal(memory.next, 12);
	assert_int_equal(f->ld.statistics.lookups, 0);
	f->ld.bindings = NULL;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(words_of_every_kind),
		TEST(a_number_that_does_not_fit),
		TEST(distances),
		TEST(what_nobody_defines),
		TEST(bitmaps),
		TEST(places_that_are_no_data),
		TEST(symbols_that_are_not_there),
		TEST(resolvers_wait),
		TEST(resolvers_are_code),
		TEST(copies),
		TEST(known_bindings_need_no_lookup),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* dynamic.c: what becomes of a good dynamic section, and that every tag which leads outside is refused.
 */
#include "object/dynamic.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "lib/fake_loader.h"
#include "lib/image.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum {
	STR = 0x2000,
	STR_SIZE = 0x40,
	SYM = 0x2100,
	GNU = 0x2800,
	SYSV = 0x2fe8,
	RELA = 0x2900,
	REL = 0x2980,
	RELR = 0x29c0,
	PLT = 0x2a00,
	VERSYM = 0x2b00,
	GOT = 0x1100,
	ARRAY = 0x1200,
	WORD = sizeof(uintptr_t),
	BEYOND = 0x100000,
};

static const char strings[STR_SIZE] = "\0liba.so\0libb.so\0me.so\0/rpath\0/runpath";
static const uint32_t sysv_hash[] = {1, 3, 0, 0, 0, 0};
static const struct {
	uint32_t nbuckets, symoffset, nbloom, shift;
	uintptr_t bloom;
	uint32_t bucket, chain[2];
} gnu_hash = {1, 1, 1, 5, UINTPTR_MAX, 1, {0, 1}};

/* The same tag may stand in it once, DT_NEEDED twice. */
static const Elf_Dyn good[] = {
	{DT_NEEDED, {1}},
	{DT_NEEDED, {9}},
	{DT_SONAME, {17}},
	{DT_RPATH, {23}},
	{DT_RUNPATH, {30}},
	{DT_STRTAB, {STR}},
	{DT_STRSZ, {STR_SIZE}},
	{DT_SYMTAB, {SYM}},
	{DT_SYMENT, {sizeof(Elf_Sym)}},
	{DT_GNU_HASH, {GNU}},
	{DT_HASH, {SYSV}},
	{DT_RELA, {RELA}},
	{DT_RELASZ, {2 * sizeof(Elf_Rela)}},
	{DT_RELAENT, {sizeof(Elf_Rela)}},
	{DT_RELACOUNT, {1}},
	{DT_REL, {REL}},
	{DT_RELSZ, {sizeof(Elf_Rel)}},
	{DT_RELENT, {sizeof(Elf_Rel)}},
	{DT_RELR, {RELR}},
	{DT_RELRSZ, {2 * WORD}},
	{DT_RELRENT, {WORD}},
	{DT_JMPREL, {PLT}},
	{DT_PLTRELSZ, {sizeof(Elf_Rela)}},
	{DT_PLTREL, {DT_RELA}},
	{DT_PLTGOT, {GOT}},
	{DT_INIT, {0x10}},
	{DT_FINI, {0x20}},
	{DT_PREINIT_ARRAY, {ARRAY}},
	{DT_PREINIT_ARRAYSZ, {WORD}},
	{DT_INIT_ARRAY, {ARRAY + WORD}},
	{DT_INIT_ARRAYSZ, {2 * WORD}},
	{DT_FINI_ARRAY, {ARRAY + 3 * WORD}},
	{DT_FINI_ARRAYSZ, {3 * WORD}},
	{DT_VERSYM, {VERSYM}},
	{DT_FLAGS, {DF_SYMBOLIC}},
	{DT_FLAGS_1, {DF_1_NODELETE | DF_1_NOW}},
	{0x6fff1234, {77}},
};

struct fixture {
	struct loader ld;
	struct dso *d;
	Elf_Dyn tags[COUNT(good)];
};

/* A new object with the section as it is now. */
static int decode(struct fixture *f)
{
	struct dso *d = f->d = image_make(&f->ld, "/lib.so");

	image_put(d, STR, strings, sizeof strings);
	image_put(d, GNU, &gnu_hash, sizeof gnu_hash);
	image_put(d, SYSV, sysv_hash, sizeof sysv_hash);
	image_dynamic(d, f->tags, COUNT(good));
	return dynamic_decode(&f->ld, d);
}

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	memcpy(f->tags, good, sizeof good);
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

static Elf_Dyn *tag(struct fixture *f, intptr_t wanted)
{
	Elf_Dyn *e = f->tags;

	while (e->d_tag != wanted)
		e++;
	return e;
}

static void assert_table(const struct dso *d, struct table t, uintptr_t at, size_t size)
{
	assert_int_equal(t.addr, d->base + at);
	assert_int_equal(t.size, size);
}

static void a_good_one(void **state)
{
	struct fixture *f = *state;
	const struct dso *d;
	const struct symtab *s;

	assert_int_equal(decode(f), 0);
	d = f->d;
	s = &d->symtab;
	assert_int_equal(d->nneeded, 2);
	assert_string_equal(d->needed[0], "liba.so");
	assert_string_equal(d->needed[1], "libb.so");
	assert_string_equal(d->soname, "me.so");
	assert_string_equal(d->rpath, "/rpath");
	assert_string_equal(d->runpath, "/runpath");
	assert_ptr_equal(s->str, dso_at(d, STR));
	assert_ptr_equal(s->sym, dso_at(d, SYM));
	assert_ptr_equal(s->versym, dso_at(d, VERSYM));
	assert_int_equal(s->limit, (IMAGE_END - SYM) / sizeof(Elf_Sym));
	assert_int_equal(s->nbuckets, 1);
	assert_ptr_equal(s->chain, dso_at(d, GNU + 16 + WORD + 4));
	assert_int_equal(s->chain_limit, s->limit);
	assert_int_equal(s->sysv_nchain, 3);
	assert_table(d, d->rela, RELA, 2 * sizeof(Elf_Rela));
	assert_table(d, d->rel, REL, sizeof(Elf_Rel));
	assert_table(d, d->relr, RELR, 2 * WORD);
	assert_table(d, d->jmprel, PLT, sizeof(Elf_Rela));
	assert_table(d, d->preinit_array, ARRAY, WORD);
	assert_table(d, d->init_array, ARRAY + WORD, 2 * WORD);
	assert_table(d, d->fini_array, ARRAY + 3 * WORD, 3 * WORD);
	assert_int_equal(d->pltgot, d->base + GOT);
	assert_int_equal(d->init, d->base + 0x10);
	assert_int_equal(d->fini, d->base + 0x20);
	assert_true(d->symbolic && d->bind_now && d->jmprel_is_rela && !d->textrel);
	assert_int_equal(d->nrelative, 1);
	assert_int_equal(f->ld.diag.count, 0);
}

/* ---- What is refused ---- */

static void assert_refused(struct fixture *f, intptr_t which, uintptr_t value, const char *says)
{
	Elf_Dyn *e = tag(f, which), old = *e;

	e->d_un.d_val = value;
	assert_int_equal(decode(f), -1);
	assert_int_equal(f->ld.diag.count, 1);
	fake_assert_says(&f->ld, says);
	*e = old;
}

/* Every address, led behind the last byte, before the first, and far away. */
static void addresses(void **state)
{
	static const struct {
		intptr_t tag;
		size_t least; /* bytes that must be there */
		const char *says;
	} tags[] = {
		{DT_STRTAB, STR_SIZE, "DT_STRTAB"},
		{DT_SYMTAB, sizeof(Elf_Sym), "DT_SYMTAB"},
		{DT_GNU_HASH, 16, "DT_GNU_HASH"},
		{DT_HASH, 8, "DT_HASH"},
		{DT_RELA, 2 * sizeof(Elf_Rela), "DT_RELA"},
		{DT_REL, sizeof(Elf_Rel), "DT_REL"},
		{DT_RELR, 2 * WORD, "DT_RELR"},
		{DT_JMPREL, sizeof(Elf_Rela), "DT_JMPREL"},
		{DT_PREINIT_ARRAY, WORD, "DT_PREINIT_ARRAY"},
		{DT_INIT_ARRAY, 2 * WORD, "DT_INIT_ARRAY"},
		{DT_FINI_ARRAY, 3 * WORD, "DT_FINI_ARRAY"},
		{DT_VERSYM, 2, "DT_VERSYM"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(tags); i++) {
		const uintptr_t bad[] = {IMAGE_END, BEYOND, -(uintptr_t)8, UINTPTR_MAX - 7,
			(IMAGE_END - tags[i].least + 8) & -(uintptr_t)8};

		for (size_t k = 0; k < COUNT(bad); k++)
			assert_refused(f, tags[i].tag, bad[k], tags[i].says);
	}
}

static void sizes(void **state)
{
	static const struct {
		intptr_t tag;
		uintptr_t at, unit;
		const char *says;
	} tags[] = {
		{DT_STRSZ, STR, 1, "DT_STRSZ"},
		{DT_RELASZ, RELA, sizeof(Elf_Rela), "DT_RELA"},
		{DT_RELSZ, REL, sizeof(Elf_Rel), "DT_REL"},
		{DT_RELRSZ, RELR, WORD, "DT_RELR"},
		{DT_PLTRELSZ, PLT, sizeof(Elf_Rela), "DT_JMPREL"},
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(tags); i++) {
		uintptr_t room = IMAGE_END - tags[i].at, unit = tags[i].unit;

		assert_refused(f, tags[i].tag, room / unit * unit + unit, tags[i].says);
		assert_refused(f, tags[i].tag, UINTPTR_MAX / unit * unit, tags[i].says);
		if (unit > 1)
			assert_refused(f, tags[i].tag, 2 * unit - 1, "expected a multiple");
	}
	assert_refused(f, DT_INIT_ARRAYSZ, IMAGE_CONST - ARRAY, "DT_INIT_ARRAY");
	assert_refused(f, DT_FINI_ARRAYSZ, 12, "expected a multiple of 8");
}

static void entry_sizes(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, DT_SYMENT, 16, "DT_SYMENT 16, expected 24");
	assert_refused(f, DT_RELAENT, 16, "DT_RELA: entry size 16, expected 24");
	assert_refused(f, DT_RELENT, 24, "DT_REL: entry size 24, expected 16");
	assert_refused(f, DT_RELRENT, 4, "DT_RELR: entry size 4, expected 8");
	assert_refused(f, DT_PLTREL, 5, "DT_PLTREL 5, expected 17 (DT_REL) or 7 (DT_RELA)");
}

static void alignments(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, DT_SYMTAB, SYM + 4, "DT_SYMTAB");
	assert_refused(f, DT_GNU_HASH, GNU + 4, "DT_GNU_HASH");
	assert_refused(f, DT_HASH, SYSV + 2, "DT_HASH");
	assert_refused(f, DT_RELA, RELA + 4, "DT_RELA 0x2904: not aligned to 8");
	assert_refused(f, DT_INIT_ARRAY, ARRAY + 1, "DT_INIT_ARRAY 0x1201: not aligned to 8");
	assert_refused(f, DT_VERSYM, VERSYM + 1, "DT_VERSYM");
}

static void string_offsets(void **state)
{
	static const struct {
		intptr_t tag;
		const char *says;
	} tags[] = {{DT_NEEDED, "DT_NEEDED: string offset"},
		{DT_SONAME, "DT_SONAME: string offset"}, {DT_RPATH, "DT_RPATH: string offset"},
		{DT_RUNPATH, "DT_RUNPATH: string offset"}};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(tags); i++) {
		assert_refused(f, tags[i].tag, STR_SIZE, tags[i].says);
		assert_refused(f, tags[i].tag, UINTPTR_MAX, tags[i].says);
		tag(f, tags[i].tag)->d_un.d_val = STR_SIZE - 1;
		assert_int_equal(decode(f), 0);
	}
	assert_refused(f, DT_STRSZ, 4, "its last byte is 98, expected 0");
	assert_refused(f, DT_STRSZ, 0, "no string table");
}

static void functions(void **state)
{
	struct fixture *f = *state;

	assert_refused(f, DT_INIT, IMAGE_DATA, "DT_INIT 0x1000: not within an executable segment");
	assert_refused(f, DT_FINI, BEYOND, "DT_FINI 0x100000: not within an executable");
}

/* One word of a hash table that is not as it should be. */
static void hash_tables(void **state)
{
	static const struct {
		uintptr_t at;
		uint32_t value;
		const char *says;
	} words[] = {
		{GNU, 0, "0 buckets"},
		{GNU, 0x10000, "beyond its segment"},
		{GNU + 8, 0, "bloom size 0, expected a power of two"},
		{GNU + 8, 3, "bloom size 3, expected a power of two"},
		{GNU + 8, 0x80000000, "beyond its segment"},
		{GNU + 12, 32, "bloom shift 32"},
		{GNU, (IMAGE_END - GNU) / 4 - 5, "beyond its segment"},
		{SYSV, 0, "0 buckets"},
		{SYSV, 0xffffffff, "beyond its segment"},
		{SYSV + 4, 4, "1 buckets, 4 chains: beyond its segment"},
		{SYSV + 4, 0xffffffff, "beyond its segment"},

	};
	struct fixture *f = *state;

	for (size_t i = 0; i < COUNT(words); i++) {
		assert_int_equal(decode(f), 0);
		image_put(f->d, words[i].at, &words[i].value, sizeof words[i].value);
		f->d->nneeded = 0;
		assert_int_equal(dynamic_decode(&f->ld, f->d), -1);
		fake_assert_says(&f->ld, words[i].says);
	}
}

/* More symbols than the symbol table has room for. */
static void more_chains_than_symbols(void **state)
{
	struct fixture *f = *state;

	tag(f, DT_SYMTAB)->d_un.d_val = IMAGE_END - 2 * sizeof(Elf_Sym);
	tag(f, DT_GNU_HASH)->d_tag = 0x6fff1235;
	assert_int_equal(decode(f), -1);
	fake_assert_says(&f->ld, "DT_HASH: 3 symbols: DT_SYMTAB has room for 2");
}

static void no_hash_table(void **state)
{
	struct fixture *f = *state;

	tag(f, DT_HASH)->d_tag = 0x6fff1235;
	assert_int_equal(decode(f), 0);
	tag(f, DT_GNU_HASH)->d_tag = 0x6fff1235;
	assert_int_equal(decode(f), -1);
	fake_assert_says(&f->ld, "neither DT_GNU_HASH nor DT_HASH");
}

static void no_end(void **state)
{
	struct fixture *f = *state;
	Elf_Phdr *p;

	assert_int_equal(decode(f), 0);
	p = (Elf_Phdr *)&f->d->phdr[3];
	p->p_memsz -= sizeof(Elf_Dyn);
	assert_int_equal(dynamic_decode(&f->ld, f->d), -1);
	fake_assert_says(&f->ld, "no DT_NULL within its");
	p->p_memsz = IMAGE_END;
	assert_int_equal(dynamic_decode(&f->ld, f->d), -1);
	fake_assert_says(&f->ld, "not readable");
}

/* ---- What is put up with ---- */

static void none_at_all(void **state)
{
	struct fixture *f = *state;

	f->d = image_make(&f->ld, "/lib.so");
	assert_int_equal(dynamic_decode(&f->ld, f->d), 0);
	assert_int_equal(f->d->symtab.str_size, 1);
	assert_string_equal(f->d->symtab.str, "");
}

/* A GOT that cannot be written to only means that nothing is bound lazily. */
static void got_outside(void **state)
{
	struct fixture *f = *state;

	tag(f, DT_PLTGOT)->d_un.d_val = IMAGE_CONST;
	assert_int_equal(decode(f), 0);
	assert_int_equal(f->d->pltgot, 0);
	tag(f, DT_PLTGOT)->d_un.d_val = IMAGE_CONST - 2 * WORD;
	assert_int_equal(decode(f), 0);
	assert_int_equal(f->d->pltgot, 0);
}

/* Some linkers count DT_JMPREL's entries in DT_RELASZ, too. */
static void plt_within_rela(void **state)
{
	struct fixture *f = *state;

	tag(f, DT_JMPREL)->d_un.d_val = RELA + sizeof(Elf_Rela);
	assert_int_equal(decode(f), 0);
	assert_table(f->d, f->d->rela, RELA, sizeof(Elf_Rela));
	assert_table(f->d, f->d->jmprel, RELA + sizeof(Elf_Rela), sizeof(Elf_Rela));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_good_one),
		TEST(addresses),
		TEST(sizes),
		TEST(entry_sizes),
		TEST(alignments),
		TEST(string_offsets),
		TEST(functions),
		TEST(hash_tables),
		TEST(more_chains_than_symbols),
		TEST(no_hash_table),
		TEST(no_end),
		TEST(none_at_all),
		TEST(got_outside),
		TEST(plt_within_rela),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

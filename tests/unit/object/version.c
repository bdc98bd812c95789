/* version.c: version tables, read back as they were made; damaged ones; and needs held against what
 * others define.
 */
#include "object/version.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "lib/fake_loader.h"
#include "lib/image.h"
#include "lib/symbols.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { MOST = 12, STR_SIZE = 256, ROUNDS = 300 };

struct fixture {
	struct loader ld;
	struct dso *d;
	struct version_tables tables;
	struct version want[2 * MOST]; /* by index */
	size_t nwant, used;            /* bytes of IMAGE_CONST, from its end */
	char str[STR_SIZE];
	size_t str_used;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	f->d = image_make(&f->ld, "/lib.so");
	f->d->symtab.str = f->str;
	f->d->symtab.str_size = STR_SIZE;
	f->str_used = 1;
	f->nwant = 2;
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

/* ---- Making tables ---- */

static uint32_t add_string(struct fixture *f, const char *kind, size_t number)
{
	size_t at = f->str_used;

	f->str_used += (size_t)snprintf(f->str + at, STR_SIZE - at, "%s%zu", kind, number) + 1;
	assert_true(f->str_used < STR_SIZE);
	return (uint32_t)at;
}

static struct version *next_version(struct fixture *f, uint32_t name, const char *file)
{
	struct version *v = &f->want[f->nwant++];

	*v = (struct version){
		.name = f->str + name, .file = file, .hash = hash_sysv(f->str + name)};
	return v;
}

/* Takes n bytes off the end: what is made first ends where the segment does. */
static uintptr_t take(struct fixture *f, size_t n)
{
	f->used += n;
	return IMAGE_END - f->used;
}

static void make_definitions(struct fixture *f, size_t n)
{
	const size_t entry = sizeof(Elf_Verdef) + sizeof(Elf_Verdaux);
	uintptr_t at = take(f, (n + 1) * entry);

	f->tables.verdef = at;
	f->tables.nverdef = n + 1;
	for (size_t i = 0; i <= n; i++, at += entry) {
		uint32_t name = add_string(f, i ? "D" : "base", i);
		Elf_Verdef def = {.vd_version = VER_DEF_CURRENT,
			.vd_flags = i ? 0 : VER_FLG_BASE,
			.vd_ndx = (uint16_t)(i ? f->nwant : 1),
			.vd_cnt = 1,
			.vd_hash = hash_sysv(f->str + name),
			.vd_aux = sizeof def,
			.vd_next = i < n ? (uint32_t)entry : 0};
		Elf_Verdaux aux = {.vda_name = name};

		image_put(f->d, at, &def, sizeof def);
		image_put(f->d, at + sizeof def, &aux, sizeof aux);
		if (i)
			next_version(f, name, NULL);
	}
}

static void make_needs(struct fixture *f, size_t n)
{
	uintptr_t at = take(f, sizeof(Elf_Verneed) + n * sizeof(Elf_Vernaux));
	uint32_t file = add_string(f, "lib", f->nwant);
	Elf_Verneed need = {.vn_version = VER_NEED_CURRENT,
		.vn_cnt = (uint16_t)n,
		.vn_file = file,
		.vn_aux = sizeof need,
		.vn_next = f->tables.verneed ? (uint32_t)(f->tables.verneed - at) : 0};

	f->tables.verneed = at;
	f->tables.nverneed++;
	image_put(f->d, at, &need, sizeof need);
	at += sizeof need;
	for (size_t i = 0; i < n; i++, at += sizeof(Elf_Vernaux)) {
		uint32_t name = add_string(f, "N", f->nwant);
		uint16_t index = (uint16_t)f->nwant;
		struct version *v = next_version(f, name, f->str + file);
		Elf_Vernaux aux = {.vna_hash = v->hash,
			.vna_name = name,
			.vna_next = i + 1 < n ? sizeof aux : 0};

		v->hidden = any(2);
		v->weak = any(2);
		aux.vna_flags = v->weak ? VER_FLG_WEAK : 0;
		aux.vna_other = (uint16_t)(index | (v->hidden ? VERSYM_HIDDEN : 0));
		image_put(f->d, at, &aux, sizeof aux);
	}
}

static void make_any(struct fixture *f)
{
	if (any(4))
		make_definitions(f, any(MOST));
	for (size_t files = any(4); files--;)
		make_needs(f, any(4));
}

static void assert_same(const char *is, const char *want)
{
	assert_int_equal(!is, !want);
	if (is)
		assert_string_equal(is, want);
}

static void read_back(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		const struct symtab *s = &f->d->symtab;

		make_any(f);
		assert_int_equal(version_decode(&f->ld, f->d, &f->tables), 0);
		assert_int_equal(s->nversions, f->nwant > 2 ? f->nwant : 1);
		for (size_t i = 0; i < s->nversions; i++) {
			const struct version *is = &s->versions[i], *want = &f->want[i];

			assert_same(is->name, want->name);
			assert_same(is->file, want->file);
			assert_int_equal(is->hash, want->hash);
			assert_int_equal(is->hidden, want->hidden);
			assert_int_equal(is->weak, want->weak);
		}
	}
}

/* Every name of a damaged table is a string of the object, or there is a reason. */
static void damaged(void **state)
{
	static const uint32_t bad[] = {0, 1, 4, 8, 0xff, 0xffff, 0x10000, 0xfffffff0, 0xffffffff};
	size_t refused = 0;

	for (int round = 0; round < 10 * ROUNDS; round++) {
		struct fixture *f = again(state);
		const struct symtab *s = &f->d->symtab;
		int r;

		make_any(f);
		f->tables.nverneed = any(3) ? f->tables.nverneed : SIZE_MAX;
		f->tables.nverdef = any(3) ? f->tables.nverdef : SIZE_MAX;
		for (size_t hits = 1 + any(3); hits-- && f->used;)
			image_put(f->d, IMAGE_END - f->used + any(f->used / 4) * 4,
				&bad[any(COUNT(bad))], 4);
		r = version_decode(&f->ld, f->d, &f->tables);
		assert_int_equal(r<0, f->ld.diag.count> 0);
		refused += r < 0;
		for (size_t i = 0; !r && i < s->nversions; i++) {
			const struct version *v = &s->versions[i];

			assert_true(!v->name || (v->name >= s->str && v->name < s->str + STR_SIZE));
			assert_true(!v->file || (v->file >= s->str && v->file < s->str + STR_SIZE));
		}
	}
	assert_in_range(refused, ROUNDS, 9 * ROUNDS);
}

static void reasons(void **state)
{
	struct fixture *f = *state;
	struct version_tables t;
	const uint16_t other = 9;

	make_definitions(f, 2);
	make_needs(f, 2);
	t = f->tables;
	t.verdef += 2;
	assert_int_equal(version_decode(&f->ld, f->d, &t), -1);
	fake_assert_says(&f->ld, "DT_VERDEF: entry at");
	t = f->tables;
	t.verneed = IMAGE_END - 8;
	assert_int_equal(version_decode(&f->ld, f->d, &t), -1);
	fake_assert_says(&f->ld, "DT_VERNEED: entry at 0x2ff8: not within a readable segment");
	f->d->symtab.str_size = 4;
	assert_int_equal(version_decode(&f->ld, f->d, &f->tables), -1);
	fake_assert_says(&f->ld, "expected less than DT_STRSZ 0x4");
	f->d->symtab.str_size = STR_SIZE;
	image_put(f->d, f->tables.verdef, &other, sizeof other);
	assert_int_equal(version_decode(&f->ld, f->d, &f->tables), -1);
	fake_assert_says(&f->ld, "vd_version 9, expected 1");
	image_put(f->d, f->tables.verneed, &other, sizeof other);
	assert_int_equal(version_decode(&f->ld, f->d, &f->tables), -1);
	fake_assert_says(&f->ld, "vn_version 9, expected 1");
}

/* ---- Needs ---- */

static struct version version(const char *name, const char *file)
{
	return (struct version){.name = name, .file = file, .hash = hash_sysv(name)};
}

static bool is_self(const char *name)
{
	return !strcmp(name, "ld.so");
}

static void needs(void **state)
{
	static const struct libc_abi abi = {.name = "needs", .is_self = is_self};
	static const char *const defined[] = {"V2", "V3", NULL};
	struct fixture *f = *state;
	struct dso *by_soname = sample_object(&f->ld, "/a.so"), *plain;
	struct version wants[3];

	f->ld.abi = &abi;
	by_soname->soname = "liba.so";
	sample_versions(&f->ld, by_soname, defined);
	plain = sample_object(&f->ld, "/dir/libplain.so");
	f->d->symtab.versions = wants;
	f->d->symtab.nversions = COUNT(wants);
	wants[0] = version("V2", "liba.so");
	wants[1] = version("V3", "liba.so");
	wants[2] = version("V9", "libplain.so"); /* it has no versions: fits any need */
	assert_int_equal(version_check(&f->ld, f->d), 0);
	wants[0] = version("V4", "liba.so");
	wants[1] = version("V5", "liba.so");
	assert_int_equal(version_check(&f->ld, f->d), -1);
	fake_assert_message(&f->ld, "/a.so: version `V4' not found (required by /lib.so)\n"
				    "/a.so: version `V5' not found (required by /lib.so)");
	wants[0].weak = wants[1].weak = true;
	assert_int_equal(version_check(&f->ld, f->d), 0);
	sample_versions(&f->ld, plain, defined);
	assert_int_equal(version_check(&f->ld, f->d), -1);
	fake_assert_says(&f->ld, "/dir/libplain.so: version `V9' not found");
	wants[2] = version("V9", "libabsent.so"); /* that is told by others */
	assert_int_equal(version_check(&f->ld, f->d), 0);
	wants[2] = version("V9", "ld.so");
	f->ld.self = by_soname;
	assert_int_equal(version_check(&f->ld, f->d), -1);
	fake_assert_says(&f->ld, "/a.so: version `V9' not found");
}

/* What a library needs itself is nothing that it defines. */
static void needs_do_not_define(void **state)
{
	static const char *const defined[] = {"V2", "V3", NULL};
	struct fixture *f = *state;
	struct dso *a = sample_object(&f->ld, "liba.so");
	struct version want = version("V3", "liba.so");

	sample_versions(&f->ld, a, defined);
	f->d->symtab.versions = &want;
	f->d->symtab.nversions = 1;
	assert_int_equal(version_check(&f->ld, f->d), 0);
	a->symtab.versions[3].file = "libc.so";
	assert_int_equal(version_check(&f->ld, f->d), -1);
	diag_clear(&f->ld.diag);
	a->symtab.versions[2].file = "libc.so"; /* no definition is left */
	assert_int_equal(version_check(&f->ld, f->d), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(read_back),
		TEST(damaged),
		TEST(reasons),
		TEST(needs),
		TEST(needs_do_not_define),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

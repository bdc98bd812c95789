/* tables.c: the tables of layouts and builds, and that the choice among them is unambiguous: whatever
 * of them a libc is, its facts choose that.
 */
#include <gnu/libc-version.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "lib/glibc_files.h"
#include "libc/glibc/layout.c"
#include "libc/glibc/tables.c"

#undef fail /* cmocka has its own */
#include <cmocka.h>

struct fixture {
	struct loader ld;
	struct glibc_files g;
	char text[4096];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_loader_init(&f->ld);
	glibc_files_make(&f->g);
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

/* A column's values are its own or those of the nearest base. */
static void columns(void **state)
{
	(void)state;
	static const uint8_t base[] = {0, 0, 1, 0, 2};
	static const uint16_t cells[] = {
		1, 10, 5, 20, 1, 21, 2, 22, 5, 30, 1, 31, 3, 33, 3, 40, 4, 44};
	static const uint16_t expected[][4] = {{10, 20, 30, 40}, {10, 21, 31, 40}, {10, 22, 31, 40},
		{10, 20, 33, 40}, {10, 22, 31, 44}};
	const struct grid g = {cells, cells + COUNT(cells), base};

	for (unsigned i = 0; i < sizeof base; i++) {
		uint16_t value[4];

		read_column(&g, i, value);
		assert_memory_equal(value, expected[i], sizeof value);
	}
}

static void assert_name(size_t offset, const char *part, const char *name)
{
	const char *in;

	assert_string_equal(glibc_field_name(offset / sizeof(uint16_t), &in), name);
	assert_string_equal(in, part);
}

static void names_of_fields(void **state)
{
	(void)state;
	assert_name(offsetof(struct glibc_layout, ro.platform), "ro", "platform");
	assert_name(offsetof(struct glibc_layout, ro.size), "ro", "size");
	assert_name(offsetof(struct glibc_layout, global.nns), "global", "nns");
	assert_name(offsetof(struct glibc_layout, map.text_end), "map", "text_end");
	assert_name(offsetof(struct glibc_layout, rules.rseq_size), "rules", "rseq_size");
}

static uint32_t fact_in(const uint16_t *layout, size_t offset)
{
	return layout[offset / sizeof *layout];
}

/* A libc and an ld-linux with the facts of a layout. */
static void tell_facts(struct fixture *f, const struct glibc_layout *l, unsigned minor)
{
	libc_image_make(&f->g.file);
	libc_image_make(&f->g.ldso);
	memset(f->g.file.sym, 0, sizeof f->g.file.sym);
	memset(f->g.ldso.sym, 0, sizeof f->g.ldso.sym);
	snprintf(f->g.file.banner, sizeof f->g.file.banner,
		"GNU C Library (Some GLIBC) stable release version 2.%u.\n", minor);
	for (size_t i = 0; i < NFACTS; i++) {
		uint32_t value = fact_in((const uint16_t *)l, facts[i].field);
		bool is_size = facts[i].field == offsetof(struct glibc_layout, global.size) ||
			       facts[i].field == offsetof(struct glibc_layout, pthread.size);

		if (value == GLIBC_NONE)
			continue;
		if (facts[i].source == DESCRIPTION)
			libc_image_describe(&f->g.file, facts[i].symbol, is_size ? value : 8,
				is_size ? 0 : value);
		else
			libc_image_symbol(&f->g.ldso, facts[i].symbol, 0, value);
	}
}

/* Each layout of the tables is the one that a libc with its facts gets, in all that libc reads. */
static void facts_choose_each_layout(void **state)
{
	struct fixture *f = *state;
	const struct glibc_layout_row *row;

	for (size_t i = 0; (row = glibc_layout_at(i)); i++) {
		struct glibc_layout expected, l;
		const struct glibc_build *b;

		glibc_read_layout(i, &expected);
		tell_facts(f, &expected, row->minor);
		b = glibc_find_build(&f->ld, &f->g.libc);
		if (!b) {
			diag_text(&f->ld.diag, f->text, sizeof f->text);
			fail_msg("%s: %s", row->name, f->text);
		}
		l = b->layout;
		l.map.text_end = expected.map.text_end;
		assert_int_equal(b->minor, row->minor);
		if (memcmp(&l, &expected, sizeof l))
			fail_msg("%s: gets another layout", row->name);
	}
}

/* Two layouts of a version differ in a fact, or in nothing that libc reads. */
static void facts_tell_layouts_apart(void **state)
{
	const struct glibc_layout_row *a, *b;
	size_t pairs = 0;

	(void)state;
	for (size_t i = 0; (a = glibc_layout_at(i)); i++)
		for (size_t j = i + 1; (b = glibc_layout_at(j)); j++) {
			struct glibc_layout x, y;
			bool differ = false;

			if (a->minor != b->minor)
				continue;
			pairs++;
			glibc_read_layout(i, &x);
			glibc_read_layout(j, &y);
			for (size_t fact = 0; fact < NFACTS; fact++)
				differ = differ || fact_of(&x, fact) != fact_of(&y, fact);
			if (!differ && difference(i, j) != GLIBC_NFIELDS)
				fail_msg("%s and %s have the same facts", a->name, b->name);
		}
	assert_true(pairs > 0);
}

/* Each id of a build is a tunable of its own; no two rows are the same build. */
static void rows_are_sound(void **state)
{
	const struct glibc_row *row;
	struct glibc_build b;

	(void)state;
	for (size_t i = 0; (row = glibc_row_at(i)); i++) {
		bool seen[GLIBC_NTUNABLES] = {false};

		assert_int_equal(strlen(row->build_id), 40);
		for (size_t j = 0; j < i; j++)
			assert_string_not_equal(row->build_id, glibc_row_at(j)->build_id);
		glibc_read_build(row, &b);
		assert_in_range(b.ntunables, 1, GLIBC_NTUNABLES);
		for (size_t id = 0; id < b.ntunables; id++) {
			assert_in_range(b.order[id], 0, GLIBC_NTUNABLES - 1);
			assert_false(seen[b.order[id]]);
			seen[b.order[id]] = true;
		}
	}
}

/* ---- the libc that this test runs with ---- */

static void *read_file(const char *path, size_t *size)
{
	FILE *file = fopen(path, "rb");
	char *data = malloc(1 << 23);

	if (!file || !data)
		fail_msg("%s: can't be read", path);
	*size = fread(data, 1, 1 << 23, file);
	fclose(file);
	return data;
}

/* Where libc.so.6 is mapped, and from which file. */
static const Elf_Ehdr *find_libc(char path[4096])
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[8192];
	uintptr_t start = 0;

	while (!start && maps && fgets(line, sizeof line, maps))
		if (strstr(line, "/libc.so.6\n"))
			assert_int_equal(
				sscanf(line, "%jx-%*s %*s %*s %*s %*s %4095s", &start, path), 2);
	assert_true(start);
	fclose(maps);
	return (const Elf_Ehdr *)start;
}

/* Its build-id is in a table, or (a newer package) its words choose one; with the build-id taken
 * away they do in any case, and choose one with the same layout. */
static void the_real_one(void **state)
{
	static const char *needed[] = {"ld-linux-x86-64.so.2"};
	struct fixture *f = *state;
	Elf_Phdr phdr[32];
	char path[4096], ldso_path[8192];
	size_t size;
	const Elf_Ehdr *e = find_libc(path);

	snprintf(ldso_path, sizeof ldso_path, "%.*s/%s", (int)(strrchr(path, '/') - path), path,
		*needed);
	assert_in_range(e->e_phnum, 1, 32);
	memcpy(phdr, (const char *)e + e->e_phoff, e->e_phnum * sizeof *phdr);
	f->g.libc = (struct dso){.path = path,
		.base = (uintptr_t)e,
		.phdr = phdr,
		.phnum = e->e_phnum,
		.needed = needed,
		.nneeded = 1};
	void *libc = read_file(path, &size);
	fake_add(path, libc, size, 0100755);
	void *ldso = read_file(ldso_path, &size);
	fake_add(ldso_path, ldso, size, 0100755);

	const struct glibc_build *b = glibc_find_build(&f->ld, &f->g.libc);
	assert_non_null(b);
	assert_string_equal(b->version, gnu_get_libc_version());

	for (size_t i = 0; i < f->g.libc.phnum; i++)
		if (phdr[i].p_type == PT_NOTE)
			phdr[i].p_type = PT_NULL;
	const struct glibc_build *same = glibc_find_build(&f->ld, &f->g.libc);
	assert_non_null(same);
	assert_ptr_not_equal(b, same);
	assert_memory_equal(&b->layout, &same->layout, sizeof b->layout);
	assert_non_null(strstr(fake.opened, ldso_path));
	free(libc);
	free(ldso);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(columns),
		TEST(names_of_fields),
		TEST(facts_choose_each_layout),
		TEST(facts_tell_layouts_apart),
		TEST(rows_are_sound),
		TEST(the_real_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

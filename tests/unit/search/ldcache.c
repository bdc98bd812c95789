/* ldcache.c: a cache as ldconfig writes it, broken ones, and this machine's own.
 *
 * Each cache lies in a malloc'ed block of its exact size, so that the sanitizer sees a byte read
 * behind it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "search/ldcache.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "search/hwcaps.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { OTHER_MACHINE = 0x5000 };

#define SUBDIR ((uint64_t)1 << 62)

/* What a cache is made of; strings are added as they come. */
struct made {
	size_t before; /* the old format's bytes in front */
	uint32_t count;
	struct {
		int32_t flags;
		uint32_t name, path, osversion;
		uint64_t hwcap;
	} entries[64];
	char strings[4096];
	size_t strings_size;
	const char *subdirs[8];
	unsigned nsubdirs;
};

struct fixture {
	struct made made;
	struct loader ld;
	struct ldcache cache;
	char *file;
	size_t size;
	const char *why;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_loader_init(&f->ld);
	fake.isa_level = 2;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fake_loader_free(&f->ld);
	free(f->file);
	free(f);
	return 0;
}

/* ---- making one ---- */

static uint32_t add_string(struct made *m, const char *s)
{
	size_t at = m->strings_size;

	strcpy(m->strings + at, s);
	m->strings_size += strlen(s) + 1;
	return (uint32_t)at;
}

static void add(struct fixture *f, const char *name, const char *path, int flags, uint64_t hwcap)
{
	struct made *m = &f->made;
	uint32_t i = m->count++;

	m->entries[i].flags = flags;
	m->entries[i].name = add_string(m, name);
	m->entries[i].path = add_string(m, path);
	m->entries[i].hwcap = hwcap;
}

static void put32(struct fixture *f, size_t at, uint32_t v)
{
	memcpy(f->file + at, &v, sizeof v);
}

enum { HEADER = 48, ENTRY = 24, EXTENSIONS = 8, SECTION = 16 };

/* Writes the file, and reads it. */
static void make(struct fixture *f)
{
	struct made *m = &f->made;
	size_t strings = HEADER + m->count * ENTRY, at;
	uint32_t subdirs[8];

	for (unsigned i = 0; i < m->nsubdirs; i++)
		subdirs[i] = (uint32_t)strings + add_string(m, m->subdirs[i]);
	at = (m->before + strings + m->strings_size + 3) & -(size_t)4;
	free(f->file);
	f->size = at + EXTENSIONS + 2 * SECTION + m->nsubdirs * 4;
	f->file = calloc(1, f->size);
	if (m->before) {
		memcpy(f->file, "ld.so-1.7.0", 11);
		put32(f, 12, (uint32_t)(m->before - 16) / 12);
	}
	memcpy(f->file + m->before, "glibc-ld.so.cache1.1", 20);
	put32(f, m->before + 20, m->count);
	put32(f, m->before + 24, (uint32_t)m->strings_size);
	f->file[m->before + 28] = ARCH_DATA == 1 ? 2 : 3;
	put32(f, m->before + 32, (uint32_t)at);
	for (uint32_t i = 0; i < m->count; i++) {
		m->entries[i].name += (uint32_t)strings;
		m->entries[i].path += (uint32_t)strings;
	}
	memcpy(f->file + m->before + HEADER, m->entries, m->count * ENTRY);
	memcpy(f->file + m->before + strings, m->strings, m->strings_size);
	put32(f, at, 0xeaa42174);
	put32(f, at + 4, 2);
	put32(f, at + EXTENSIONS, 99); /* a kind that is not known yet */
	put32(f, at + EXTENSIONS + SECTION, 1);
	put32(f, at + EXTENSIONS + SECTION + 8, (uint32_t)(at + EXTENSIONS + 2 * SECTION));
	put32(f, at + EXTENSIONS + SECTION + 12, m->nsubdirs * 4);
	memcpy(f->file + at + EXTENSIONS + 2 * SECTION, subdirs, m->nsubdirs * 4);
	f->why = ldcache_read(&f->cache, f->file, f->size);
}

static void assert_found(struct fixture *f, const char *name, const char *path)
{
	const char *found;

	assert_null(f->why);
	found = ldcache_find(&f->cache, name, &f->ld);
	if (path && found)
		assert_string_equal(found, path);
	else
		assert_ptr_equal(found, path);
}

/* Names in descending order: digits are numbers, and come after all else. */
static void add_some(struct fixture *f)
{
	add(f, "libz.so.1", "/z1", ARCH_CACHE_FLAGS, 0);
	add(f, "libx.so.10", "/x10", ARCH_CACHE_FLAGS, 0);
	add(f, "libx.so.9", "/x9", ARCH_CACHE_FLAGS, 0);
	add(f, "libx.so.2", "/x2", ARCH_CACHE_FLAGS, 0);
	add(f, "libx.so", "/x", ARCH_CACHE_FLAGS, 0);
	add(f, "libb2.so", "/b2", ARCH_CACHE_FLAGS, 0);
	add(f, "libb-.so", "/b-", ARCH_CACHE_FLAGS, 0);
	add(f, "liba.so.1", "/other", OTHER_MACHINE, 0);
	add(f, "liba.so.1", "/a", ARCH_CACHE_FLAGS, 0);
	add(f, "liba.so.1", "/later", ARCH_CACHE_FLAGS, 0);
}

static void assert_some(struct fixture *f)
{
	assert_found(f, "libz.so.1", "/z1");
	assert_found(f, "libx.so.10", "/x10");
	assert_found(f, "libx.so.9", "/x9");
	assert_found(f, "libx.so.2", "/x2");
	assert_found(f, "libx.so", "/x");
	assert_found(f, "libb2.so", "/b2");
	assert_found(f, "libb-.so", "/b-");
	assert_found(f, "liba.so.1", "/a");
	assert_found(f, "libx.so.3", NULL);
	assert_found(f, "libx.so.02", NULL);
	assert_found(f, "libx.so.", NULL);
	assert_found(f, "zzz", NULL);
	assert_found(f, "a", NULL);
	assert_found(f, "1", NULL);
	assert_found(f, "", NULL);
}

/* ---- what ldconfig writes ---- */

static void names_are_found(void **state)
{
	struct fixture *f = *state;

	add_some(f);
	make(f);
	assert_some(f);
	f->file[28] = 0; /* an older ldconfig, which does not tell the byte order */
	f->why = ldcache_read(&f->cache, f->file, f->size);
	assert_some(f);
}

static void behind_the_old_format(void **state)
{
	struct fixture *f = *state;

	add_some(f);
	f->made.before = 16 + 12 * 2;
	make(f);
	assert_some(f);
	memset(&f->made, 0, sizeof f->made);
	add_some(f);
	f->made.before = (16 + 12 * 3 + 7) & -8; /* the new header is aligned */
	make(f);
	put32(f, 12, 3);
	f->why = ldcache_read(&f->cache, f->file, f->size);
	if (_Alignof(struct { uint64_t x; }) == 8)
		assert_some(f);
}

static void empty(void **state)
{
	struct fixture *f = *state;

	make(f);
	assert_found(f, "libx.so", NULL);
}

/* Digits that an int can't hold wrap round, as in ldconfig: 4294967297 is 1 there. */
static void long_numbers(void **state)
{
	struct fixture *f = *state;

	add(f, "lib-2.so", "/2", ARCH_CACHE_FLAGS, 0);
	add(f, "lib-4294967297.so", "/big", ARCH_CACHE_FLAGS, 0);
	add(f, "lib-1.so", "/1", ARCH_CACHE_FLAGS, 0);
	add(f, "lib-0.so", "/0", ARCH_CACHE_FLAGS, 0);
	make(f);
	assert_found(f, "lib-2.so", "/2");
	assert_found(f, "lib-4294967297.so", "/big");
	assert_found(f, "lib-1.so", "/1");
	assert_found(f, "lib-0.so", "/0");
	assert_found(f, "lib-4294967298.so", NULL);
}

/* ---- variants ---- */

static void add_variants(struct fixture *f)
{
	f->made.nsubdirs = 4;
	f->made.subdirs[0] = "mine";
	f->made.subdirs[1] = "x86-64-v2";
	f->made.subdirs[2] = "x86-64-v3";
	f->made.subdirs[3] = "x86-64-v4";
	for (unsigned i = 0; i < 4; i++) {
		char path[64];

		snprintf(path, sizeof path, "/%s", f->made.subdirs[i]);
		add(f, "libx.so", path, ARCH_CACHE_FLAGS, SUBDIR | i);
	}
	add(f, "libx.so", "/old-hwcap", ARCH_CACHE_FLAGS, 2);
	add(f, "libx.so", "/plain", ARCH_CACHE_FLAGS, 0);
	make(f);
}

static void variants_by_level(void **state)
{
	struct fixture *f = *state;

	if (!*ARCH_HWCAPS)
		skip();
	add_variants(f);
	assert_found(f, "libx.so", "/x86-64-v3");
	for (unsigned level = 0; level < 4; level++) {
		static const char paths[][12] = {
			"/plain", "/x86-64-v2", "/x86-64-v3", "/x86-64-v4"};

		fake.isa_level = level;
		f->ld.hwcaps = NULL;
		assert_found(f, "libx.so", paths[level]);
	}
}

static void variants_by_option(void **state)
{
	struct fixture *f = *state;

	if (!*ARCH_HWCAPS)
		skip();
	add_variants(f);
	f->ld.config.hwcaps_prepend = "yours:mine";
	assert_found(f, "libx.so", "/mine");
	f->ld.hwcaps = NULL;
	f->ld.config.hwcaps_prepend = NULL;
	f->ld.config.hwcaps_mask = "x86-64-v2";
	assert_found(f, "libx.so", "/x86-64-v2");
	f->ld.hwcaps = NULL;
	f->ld.config.hwcaps_mask = "";
	assert_found(f, "libx.so", "/plain");
}

/* Code that needs more than the name of its directory says. */
static void variants_by_need(void **state)
{
	struct fixture *f = *state;

	if (!*ARCH_HWCAPS)
		skip();
	f->made.nsubdirs = 1;
	f->made.subdirs[0] = "x86-64-v2";
	add(f, "libx.so", "/v2", ARCH_CACHE_FLAGS, SUBDIR | (uint64_t)3 << 32);
	add(f, "libx.so", "/plain", ARCH_CACHE_FLAGS, 0);
	make(f);
	assert_found(f, "libx.so", "/plain");
	fake.isa_level = 3;
	f->ld.hwcaps = NULL;
	assert_found(f, "libx.so", "/v2");
}

static void variants_are_not_needed(void **state)
{
	struct fixture *f = *state;

	f->made.nsubdirs = 1;
	f->made.subdirs[0] = "x86-64-v2";
	add(f, "libx.so", "/index", ARCH_CACHE_FLAGS, SUBDIR | 1);
	add(f, "libx.so", "/unknown-bits", ARCH_CACHE_FLAGS, SUBDIR | (uint64_t)1 << 61);
	make(f);
	assert_found(f, "libx.so", NULL);
	memset(&f->made, 0, sizeof f->made);
	add_variants(f);
	f->ld.hwcaps = NULL;
	fake_arena_free(&f->ld.writable); /* without memory for the list of names */
	assert_found(f, "libx.so", "/plain");
}

/* ---- broken ones ---- */

static void assert_broken(struct fixture *f, size_t at, uint32_t v, const char *why)
{
	uint32_t old;

	memcpy(&old, f->file + at, sizeof old);
	put32(f, at, v);
	f->why = ldcache_read(&f->cache, f->file, f->size);
	if (why) {
		assert_non_null(f->why);
		assert_string_equal(f->why, why);
	}
	put32(f, at, old);
}

static void broken(void **state)
{
	static const char outside[] = "its extensions lie outside of it",
			  strings[] = "its strings lie outside of it";
	struct fixture *f = *state;
	uint32_t extensions;

	add_variants(f);
	memcpy(&extensions, f->file + 32, sizeof extensions);
	assert_broken(f, 0, 0, "it does not begin as ldconfig's file does");
	assert_broken(f, 16, 0x322e3165, "it does not begin as ldconfig's file does"); /* 1.2 */
	assert_broken(f, 28, 1, "it is of the other byte order");
	assert_broken(f, 28, ARCH_DATA == 1 ? 3 : 2, "it is of the other byte order");
	assert_broken(f, 20, 0xffffffff, "it has more entries than bytes");
	assert_broken(
		f, 20, (uint32_t)(f->size - HEADER) / ENTRY + 1, "it has more entries than bytes");
	assert_broken(f, 24, (uint32_t)(f->size - HEADER - 6 * ENTRY) + 1, strings);
	assert_broken(f, 24, 0xffffffff, strings);
	assert_broken(f, 24, 0, "its strings do not end");
	assert_broken(f, 24, 3, "its strings do not end");
	assert_broken(f, 32, extensions + 2, outside);
	assert_broken(f, 32, 0xfffffffc, outside);
	assert_broken(f, 32, (uint32_t)f->size & ~3u, outside);
	assert_broken(f, extensions, 1, "its extensions have another magic number");
	assert_broken(f, extensions + 4, 0xffffffff, "it has more extensions than bytes");
	assert_broken(f, extensions + 4, 4, "it has more extensions than bytes");
	assert_broken(f, extensions + 8 + 16 + 8, 0xfffffff0, "an extension lies outside of it");
	assert_broken(f, extensions + 8 + 16 + 12, 0xfffffff0, "an extension lies outside of it");
	assert_broken(f, extensions + 8 + 16 + 12, 3, "its list of subdirectories is not aligned");
	assert_null(ldcache_read(&f->cache, f->file, f->size));
}

static void cut_short(void **state)
{
	struct fixture *f = *state;

	add_variants(f);
	for (size_t size = 0; size < f->size; size++) {
		char *part = malloc(size ? size : 1);

		memcpy(part, f->file, size);
		if (!ldcache_read(&f->cache, part, size))
			ldcache_find(&f->cache, "libx.so", &f->ld);
		free(part);
	}
}

/* Offsets of names, paths and subdirectories that lead outside: at worst nothing is found. */
static void wild_offsets(void **state)
{
	struct fixture *f = *state;
	uint32_t extensions;

	add_variants(f);
	memcpy(&extensions, f->file + 32, sizeof extensions);
	for (size_t entry = 0; entry < 6; entry++) {
		size_t at = HEADER + entry * ENTRY;

		for (size_t field = 4; field <= 20; field += 4) {
			assert_broken(f, at + field, 0xffffffff, NULL);
			put32(f, at + field, (uint32_t)f->size);
			assert_null(ldcache_read(&f->cache, f->file, f->size));
			ldcache_find(&f->cache, "libx.so", &f->ld);
			ldcache_find(&f->cache, "liba.so", &f->ld);
		}
	}
	memset(&f->made, 0, sizeof f->made);
	add_variants(f);
	for (unsigned i = 0; i < 4; i++)
		put32(f, f->size - 16 + 4 * i, (uint32_t)f->size - i);
	assert_null(ldcache_read(&f->cache, f->file, f->size));
	assert_found(f, "libx.so", "/plain");
}

/* Any word changed, or two. */
static void random_damage(void **state)
{
	static const uint32_t words[] = {
		0, 1, 4, 48, 0x7fffffff, 0x80000000, 0xfffffffc, 0xffffffff};
	struct fixture *f = *state;
	char *good;

	add_variants(f);
	good = malloc(f->size);
	memcpy(good, f->file, f->size);
	srand(1);
	for (unsigned i = 0; i < 200000; i++) {
		memcpy(f->file, good, f->size);
		for (unsigned k = 0; k <= i % 2; k++)
			put32(f, (size_t)rand() % (f->size / 4) * 4,
				rand() % 3 ? words[rand() % 8] : (uint32_t)rand() % 1024);
		if (!ldcache_read(&f->cache, f->file, f->size)) {
			ldcache_find(&f->cache, "libx.so", &f->ld);
			ldcache_find(&f->cache, "libx.so.1", &f->ld);
		}
	}
	free(good);
}

/* ---- this machine's ---- */

/* What ldconfig -p calls this machine's kind of library. */
static bool is_our_kind(const char *kind)
{
	const char *ours = ARCH_CACHE_FLAGS == 0x0303   ? "libc6,x86-64"
			   : ARCH_CACHE_FLAGS == 0x0a03 ? "libc6,AArch64"
							: "libc6,double-float";
	size_t n = strlen(ours);

	return !strncmp(kind, ours, n) && (!kind[n] || kind[n] == ',') && !strstr(kind, "hwcap");
}

static char *read_all(FILE *in, size_t *size)
{
	char *text = malloc(1 << 24);

	*size = fread(text, 1, 1 << 24, in);
	text = realloc(text, *size + 1);
	text[*size] = 0;
	return text;
}

/* For every name that ldconfig -p lists for this kind of library, the path that it lists first.
 * Its lines: name (libc6,x86-64[, hwcap: ...][, OS ABI: ...]) => path. */
static void as_ldconfig_prints(void **state)
{
	struct fixture *f = *state;
	FILE *in = fopen("/etc/ld.so.cache", "rb");
	char *list, *line, *next, *last = strdup("");
	unsigned count = 0;
	size_t size;

	if (!in) {
		free(last);
		skip();
	}
	f->file = read_all(in, &f->size);
	fclose(in);
	f->file = realloc(f->file, f->size);
	f->why = ldcache_read(&f->cache, f->file, f->size);
	assert_null(f->why);
	in = popen("/sbin/ldconfig -p", "r");
	assert_non_null(in);
	list = read_all(in, &size);
	assert_int_equal(pclose(in), 0);
	for (line = list; (next = strchr(line, '\n')); line = next + 1) {
		char name[512], kind[512], path[512];

		*next = 0;
		if (sscanf(line, "\t%511s (%511[^)]) => %511s", name, kind, path) != 3 ||
			!is_our_kind(kind) || !strcmp(name, last))
			continue;
		assert_found(f, name, path);
		free(last);
		last = strdup(name);
		count++;
	}
	assert_true(count > 10);
	free(last);
	free(list);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(names_are_found),
		TEST(behind_the_old_format),
		TEST(empty),
		TEST(long_numbers),
		TEST(variants_by_level),
		TEST(variants_by_option),
		TEST(variants_by_need),
		TEST(variants_are_not_needed),
		TEST(broken),
		TEST(cut_short),
		TEST(wild_offsets),
		TEST(random_damage),
		TEST(as_ldconfig_prints),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

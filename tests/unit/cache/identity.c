/* identity.c: build-ids of good files and of broken ones.
 *
 * Each object's notes lie in a malloc'ed block of their exact size, so that the sanitizer sees a
 * byte read behind them; each is looked at in memory and as a file, with the same result.
 */
#define _GNU_SOURCE
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cache/identity.h"
#include "base/mem.h"
#include "cache/plan.h"
#include "lib/fake_loader.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

/* ---- Notes ---- */

struct notes {
	size_t n;
	unsigned align;
	char bytes[4096];
};

static void add_words(struct notes *t, uint32_t namesz, uint32_t descsz, uint32_t type)
{
	uint32_t words[] = {namesz, descsz, type};

	memcpy(t->bytes + t->n, words, sizeof words);
	t->n += sizeof words;
}

static void pad(struct notes *t)
{
	while (t->n % t->align)
		t->n++;
}

static void add_note(struct notes *t, const char *name, uint32_t type, const void *desc, uint32_t n)
{
	add_words(t, (uint32_t)strlen(name) + 1, n, type);
	strcpy(t->bytes + t->n, name);
	t->n += strlen(name) + 1;
	pad(t);
	memcpy(t->bytes + t->n, desc, n);
	t->n += n;
	pad(t);
}

static char path[] = "/tmp/myld-identity-XXXXXX";

static void write_file(const void *data, size_t n)
{
	FILE *f = fopen(path, "w");

	assert_non_null(f);
	assert_int_equal(fwrite(data, 1, n, f), n);
	fclose(f);
}

/* As a file: an ELF header, one program header, the notes. */
static bool in_file(const struct notes *t, unsigned char *id)
{
	struct {
		Elf_Ehdr e;
		Elf_Phdr p;
		char notes[4096];
	} file = {.e = {.e_phoff = sizeof(Elf_Ehdr), .e_phentsize = sizeof(Elf_Phdr), .e_phnum = 1},
		.p = {.p_type = PT_NOTE,
			.p_offset = sizeof(Elf_Ehdr) + sizeof(Elf_Phdr),
			.p_filesz = t->n,
			.p_align = t->align}};
	uint64_t size = 0;
	bool found;

	memcpy(file.e.e_ident, ELFMAG, SELFMAG);
	memcpy(file.notes, t->bytes, t->n);
	write_file(&file, sizeof file - sizeof file.notes + t->n);
	found = identity_of_elf(path, &size, id);
	assert_int_equal(size, sizeof file - sizeof file.notes + t->n);
	return found;
}

static bool in_memory(const struct notes *t, unsigned char *id)
{
	char *exact = malloc(t->n ? t->n : 1);
	const Elf_Phdr phdr[] = {
		{.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = t->n},
		{.p_type = PT_NOTE, .p_filesz = t->n, .p_align = t->align},
	};
	struct dso d = {.base = (uintptr_t)exact, .phdr = phdr, .phnum = COUNT(phdr)};
	bool found;

	memcpy(exact, t->bytes, t->n);
	found = identity_of_object(&d, id);
	free(exact);
	return found;
}

/* want NULL: there is none. */
static void assert_id(const struct notes *t, const void *want, size_t n)
{
	unsigned char padded[IDENTITY] = {0}, id[IDENTITY];

	if (want)
		memcpy(padded, want, n);
	memset(id, 0x55, sizeof id);
	assert_int_equal(in_memory(t, id), want != NULL);
	if (want)
		assert_memory_equal(id, padded, sizeof id);
	memset(id, 0x55, sizeof id);
	assert_int_equal(in_file(t, id), want != NULL);
	if (want)
		assert_memory_equal(id, padded, sizeof id);
}

static const char text[] = "01234567890123456789012345678901234567890123456789";

static void sizes(void **state)
{
	(void)state;
	for (uint32_t n = 0; n < 40; n++) {
		struct notes t = {.align = 4};

		add_note(&t, "GNU", NT_GNU_BUILD_ID, text, n);
		assert_id(&t, n && n <= IDENTITY ? text : NULL, n);
	}
}

static void behind_others(void **state)
{
	(void)state;
	for (unsigned align = 4; align <= 8; align += 4) {
		struct notes t = {.align = align};

		add_note(&t, "GNU", NT_GNU_ABI_TAG, text, 16);
		add_note(&t, "FreeBSD", NT_GNU_BUILD_ID, text + 7, 9);
		add_note(&t, "", 5, text, 0);
		add_note(&t, "GNU", NT_GNU_BUILD_ID, text + 3, 20);
		add_note(&t, "GNU", NT_GNU_BUILD_ID, text, 20);
		assert_id(&t, text + 3, 20);
	}
}

static void absent(void **state)
{
	struct notes t = {.align = 4};

	(void)state;
	assert_id(&t, NULL, 0);
	add_note(&t, "GNU", NT_GNU_ABI_TAG, text, 16);
	add_note(&t, "GNV", NT_GNU_BUILD_ID, text, 16);
	assert_id(&t, NULL, 0);
}

/* Cut at each byte, and with each size of a part that leads outside. */
static void broken(void **state)
{
	static const uint32_t large[] = {21, 100, 4096, 1 << 30, UINT32_MAX - 3, UINT32_MAX};
	struct notes t = {.align = 4}, cut;

	(void)state;
	add_note(&t, "GNU", NT_GNU_BUILD_ID, text, 20);
	for (size_t n = 0; n < t.n; n++) {
		cut = t;
		cut.n = n;
		assert_id(&cut, NULL, 0);
	}
	cut = (struct notes){.align = 4};
	add_note(&cut, "GNU", NT_GNU_ABI_TAG, text, 5);
	cut.n -= 3; /* as it would be without its padding */
	assert_id(&cut, NULL, 0);
	for (size_t i = 0; i < sizeof large / sizeof *large; i++)
		for (size_t part = 0; part < 2; part++) {
			cut = t;
			memcpy(cut.bytes + 4 * part, &large[i], sizeof large[i]);
			assert_id(&cut, NULL, 0);
		}
}

static void no_elf(void **state)
{
	unsigned char id[IDENTITY];
	Elf_Ehdr e = {.e_phentsize = sizeof(Elf_Phdr), .e_phnum = 100, .e_phoff = sizeof e};
	static char many[sizeof e + 100 * sizeof(Elf_Phdr)];
	uint64_t size;

	(void)state;
	write_file(text, sizeof text);
	assert_false(identity_of_elf(path, &size, id));
	memcpy(e.e_ident, ELFMAG, SELFMAG);
	for (size_t n = 0; n <= sizeof e; n++) {
		write_file(&e, n);
		assert_false(identity_of_elf(path, &size, id));
	}
	memcpy(many, &e, sizeof e);
	write_file(many, sizeof many);
	assert_false(identity_of_elf(path, &size, id));
	e.e_phnum = 1;
	e.e_phoff = UINT64_MAX;
	write_file(&e, sizeof e);
	assert_false(identity_of_elf(path, &size, id));
	assert_false(identity_of_elf("/tmp", &size, id));
	assert_false(identity_of_elf("/nowhere", &size, id));
}

static void contents(void **state)
{
	static struct loader loader_of_test;
	unsigned char first[IDENTITY], second[IDENTITY];
	uint64_t size;

	(void)state;
	fake_loader_init(&loader_of_test);
	write_file(text, sizeof text);
	assert_true(identity_of_contents(&loader_of_test, path, &size, first));
	assert_int_equal(size, sizeof text);
	write_file(text, sizeof text);
	assert_true(identity_of_contents(&loader_of_test, path, &size, second));
	assert_memory_equal(first, second, sizeof first);
	write_file(text + 1, sizeof text - 1);
	assert_true(identity_of_contents(&loader_of_test, path, &size, second));
	assert_memory_not_equal(first, second, sizeof first);
	write_file("", 0);
	assert_true(identity_of_contents(&loader_of_test, path, &size, second));
	assert_int_equal(size, 0);
	assert_false(identity_of_contents(&loader_of_test, "/tmp", &size, second));
	assert_false(identity_of_contents(&loader_of_test, "/nowhere", &size, second));
}

static int make_path(void **state)
{
	(void)state;
	close(mkstemp(path));
	return 0;
}

static int remove_path(void **state)
{
	(void)state;
	return unlink(path);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes),
		cmocka_unit_test(behind_others),
		cmocka_unit_test(absent),
		cmocka_unit_test(broken),
		cmocka_unit_test(no_elf),
		cmocka_unit_test(contents),
	};

	return cmocka_run_group_tests(tests, make_path, remove_path);
}

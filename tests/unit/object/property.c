/* property.c: program properties, whole and cut off, alone and among other notes. */
#include "object/property.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

/* Another property of four bytes, padded to a word, and then the one that is looked for. */
static struct {
	uint32_t namesz, descsz, type;
	char name[4];
	uint32_t entries[8];
} note;

static Elf_Phdr phdr[2];
static struct dso d;

static void make(void)
{
	static const uint32_t entries[] = {1, 4, 77, 0, PROPERTY_1_NEEDED, 4, 5, 0};

	note.namesz = 4;
	note.descsz = sizeof entries;
	note.type = 5; /* NT_GNU_PROPERTY_TYPE_0 */
	memcpy(note.name, "GNU", 4);
	memcpy(note.entries, entries, sizeof entries);
	phdr[0] = (Elf_Phdr){.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = sizeof note};
	phdr[1] = (Elf_Phdr){.p_type = PT_GNU_PROPERTY, .p_filesz = sizeof note};
	d = (struct dso){.base = (uintptr_t)&note, .phdr = phdr, .phnum = 2};
}

static void found(void **state)
{
	(void)state;
	make();
	assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 5);
	assert_int_equal(property_of(&d, 1), 77);
	assert_int_equal(property_of(&d, 2), 0);
}

static void other_notes(void **state)
{
	(void)state;
	make();
	note.type = 1;
	assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
	make();
	note.name[0] = 'X';
	assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
	make();
	phdr[1].p_type = PT_NOTE;
	assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
}

/* No size may lead outside. */
static void cut_off(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof note; n++) {
		make();
		phdr[1].p_filesz = n;
		assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
	}
	for (uint32_t n = 0; n < 28; n++) { /* with 28 the value is there, without its padding */
		make();
		note.descsz = n;
		assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
	}
	make();
	note.descsz = sizeof note;
	assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
	make();
	note.entries[1] = UINT32_MAX;
	assert_int_equal(property_of(&d, PROPERTY_1_NEEDED), 0);
	phdr[0].p_memsz = sizeof note - 1;
	assert_int_equal(property_of(&d, 1), 0);
}

/* ---- Several notes ---- */

#define TYPE 0xc0008002u

/* A build-id, then the properties FEATURE_1_AND and ISA_1_NEEDED. */
static const uint32_t notes[] = {4, 8, 3, 0x554e47, 1, 2, /* descsz 8: 24 bytes, aligned to 8 */
	4, 32, 5, 0x554e47, 0xc0000002u, 4, 3, 0, TYPE, 4, 6, 0};

static void found_among_others(void **state)
{
	(void)state;
	assert_int_equal(property_in((const char *)notes, sizeof notes, TYPE), 6);
	assert_int_equal(property_in((const char *)notes, sizeof notes, 0xc0000002u), 3);
	assert_int_equal(property_in((const char *)notes, sizeof notes, 0xc0000003u), 0);
	assert_int_equal(property_in((const char *)notes, 0, TYPE), 0);
}

/* Whatever is missing at the end, or wrong in a size, nothing behind it is read. */
static void nothing_beyond_the_end(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof notes; n++) {
		char *cut = malloc(n ? n : 1);

		memcpy(cut, notes, n);
		assert_int_equal(property_in(cut, n, TYPE), 0);
		free(cut);
	}
	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		uint32_t *wrong = malloc(sizeof notes);

		memcpy(wrong, notes, sizeof notes);
		wrong[i] = UINT32_MAX;
		property_in((const char *)wrong, sizeof notes, TYPE);
		free(wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found),
		cmocka_unit_test(other_notes),
		cmocka_unit_test(cut_off),
		cmocka_unit_test(found_among_others),
		cmocka_unit_test(nothing_beyond_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

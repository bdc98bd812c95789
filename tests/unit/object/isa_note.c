/* isa_note.c: a property among others and among other notes, and notes that are cut short. */
#include "object/isa_note.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h" /* the libcs that words.c asks */

#undef fail /* cmocka has its own */
#include <cmocka.h>

#define TYPE 0xc0008002u

/* A build-id, then the properties FEATURE_1_AND and ISA_1_NEEDED. */
static const uint32_t notes[] = {4, 8, 3, 0x554e47, 1, 2, /* descsz 8: 24 bytes, aligned to 8 */
	4, 32, 5, 0x554e47, 0xc0000002u, 4, 3, 0, TYPE, 4, 6, 0};

static void found_among_others(void **state)
{
	(void)state;
	assert_int_equal(isa_note_property((const char *)notes, sizeof notes, TYPE), 6);
	assert_int_equal(isa_note_property((const char *)notes, sizeof notes, 0xc0000002u), 3);
	assert_int_equal(isa_note_property((const char *)notes, sizeof notes, 0xc0000003u), 0);
	assert_int_equal(isa_note_property((const char *)notes, 0, TYPE), 0);
}

/* Whatever is missing at the end, or wrong in a size, nothing behind it is read. */
static void nothing_beyond_the_end(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof notes; n++) {
		char *cut = malloc(n ? n : 1);

		memcpy(cut, notes, n);
		assert_int_equal(isa_note_property(cut, n, TYPE), 0);
		free(cut);
	}
	for (size_t i = 0; i < sizeof notes / sizeof *notes; i++) {
		uint32_t *wrong = malloc(sizeof notes);

		memcpy(wrong, notes, sizeof notes);
		wrong[i] = UINT32_MAX;
		isa_note_property((const char *)wrong, sizeof notes, TYPE);
		free(wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(found_among_others),
		cmocka_unit_test(nothing_beyond_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* format.c: formats against the host's printf as oracle.  errno_text.c: words for numbers. */
#include "base/format.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/errno_text.h"
#include "lib/fake_sys.h"

/* The same text, length and (cut to any size) end as snprintf's. */
#define assert_format(...)                                                                         \
	do {                                                                                       \
		char ours[300], theirs[300];                                                       \
		size_t needed = format(ours, sizeof ours, __VA_ARGS__);                            \
		assert_int_equal(needed, snprintf(theirs, sizeof theirs, __VA_ARGS__));            \
		assert_string_equal(ours, theirs);                                                 \
		for (size_t room = 0; room < 12; room++) {                                         \
			char *cut = malloc(room);                                                  \
			assert_int_equal(format(cut, room, __VA_ARGS__), needed);                  \
			if (room) {                                                                \
				assert_int_equal(strncmp(cut, theirs, room - 1), 0);               \
				assert_int_equal(strlen(cut), needed < room ? needed : room - 1);  \
			}                                                                          \
			free(cut);                                                                 \
		}                                                                                  \
	} while (0)

static void numbers_as_printf(void **state)
{
	static const long values[] = {
		0, 1, -1, 9, 10, 4096, -4096, INT_MAX, INT_MIN, LONG_MAX, LONG_MIN};

	(void)state;
	for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
		long v = values[i];

		assert_format("%d|%u|%x", (int)v, (unsigned)v, (unsigned)v);
		assert_format("%ld|%lu|%lx", v, (unsigned long)v, (unsigned long)v);
		assert_format("%zd|%zu|%zx", (ssize_t)v, (size_t)v, (size_t)v);
		assert_format("%jd|%ju|%jx", (intmax_t)v, (uintmax_t)v, (uintmax_t)v);
		assert_format("%12d|%-12d|%012d|%3d|%03d", (int)v, (int)v, (int)v, (int)v, (int)v);
		assert_format("%16lx|%-20lx|%016lx", v, v, v);
	}
	assert_format("%p", (void *)0x7f00deadbeef);
	assert_format("%20p|%-20p|", (void *)4096, (void *)4096);
}

static void texts_as_printf(void **state)
{
	(void)state;
	assert_format("%s", "");
	assert_format("plain");
	assert_format("%s, %s", "one", "two");
	assert_format("%10s|%-10s|%2s", "abc", "abc", "abcdef");
	assert_format("%c%c%%%5c", 'a', 'b', 'c');
}

static void null_is_shown(void **state)
{
	const char *volatile none = NULL; /* volatile, or the compiler warns of it */
	char buf[20];

	(void)state;
	format(buf, sizeof buf, "%s", none);
	assert_string_equal(buf, "(null)");
	/* printf's own answer for a null pointer is "(nil)"; a number is easier to search for. */
	format(buf, sizeof buf, "%p", NULL);
	assert_string_equal(buf, "0x0");
}

static void print_has_no_limit(void **state)
{
	char *text = malloc(5001);

	(void)state;
	fake_reset();
	memset(text, 'x', 5000);
	text[5000] = 0;
	print(1, "<%s>", text);
	assert_int_equal(strlen(fake.written[1]), 5002);
	assert_int_equal(fake.written[1][5001], '>');
	free(text);
}

static void short_print_is_one_write(void **state)
{
	(void)state;
	fake_reset();
	print(2, "%s: %d\n", "a message", 5);
	assert_int_equal(fake.writes, 1);
	assert_string_equal(fake.written[2], "a message: 5\n");
}

static void errors_have_names(void **state)
{
	(void)state;
	assert_string_equal(errno_text(-2), "No such file or directory");
	assert_string_equal(errno_text(-24), "Too many open files");
	assert_string_equal(errno_text(-129), "Key was rejected by service");
	assert_string_equal(errno_text(-4000), "Unknown error");
	assert_string_equal(errno_text(0), "Unknown error");
	for (int e = 0; e < 200; e++)
		assert_true(strlen(errno_text(-e)) < 43);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_as_printf),
		cmocka_unit_test(texts_as_printf),
		cmocka_unit_test(null_is_shown),
		cmocka_unit_test(print_has_no_limit),
		cmocka_unit_test(short_print_is_one_write),
		cmocka_unit_test(errors_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

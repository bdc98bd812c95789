/* diag.c: formats against the host's printf as oracle, and what is kept of messages.
 *
 * Needs: ldso/base/diag.c tests/unit/fake_sys.c
 */
#include "fake_sys.h"

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/diag.h"

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

static void debug_has_the_pid(void **state)
{
	struct diag d = {.fd = 2, .pid = 4711};

	(void)state;
	fake_reset();
	diag_debug(&d, "find library=%s", "libc.so");
	assert_string_equal(fake.written[2], "      4711:\tfind library=libc.so\n");
	assert_int_equal(fake.writes, 1);
}

/* ---- messages ---- */

struct fixture {
	struct arena arena;
	struct diag diag;
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_arena_init(&f->arena, 1 << 20);
	f->diag.arena = &f->arena;
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fake_arena_free(&f->arena);
	free(f);
	return 0;
}

static void assert_text(const struct diag *d, const char *expected)
{
	char text[4096];

	assert_int_equal(diag_text(d, text, sizeof text), strlen(expected));
	assert_string_equal(text, expected);
}

static void messages_in_order(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;

	assert_text(d, "");
	diag_print(d, 2);
	assert_string_equal(fake.written[2], "");
	assert_int_equal(diag_fail(d, "%s: e_type %u", "a.so", 9), -1);
	assert_int_equal(diag_fail(d, "second"), -1);
	assert_int_equal(d->count, 2);
	assert_text(d, "a.so: e_type 9\nsecond");
	diag_print(d, 2);
	assert_string_equal(fake.written[2], "myld.so: a.so: e_type 9\nmyld.so: second\n");
}

static void cleared_is_empty(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;

	diag_fail(d, "old");
	fake_arena_free(d->arena);
	diag_fail(d, "in the spare room");
	diag_clear(d);
	assert_int_equal(d->count, 0);
	assert_text(d, "");
	fake_arena_init(d->arena, 1000);
	diag_fail(d, "new");
	assert_text(d, "new");
}

static void at_most_a_thousand(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;
	char last[64] = "";
	unsigned lines = 0;

	for (int i = 0; i < 1234; i++)
		diag_fail(d, "symbol %d", i);
	assert_int_equal(d->count, 1234);
	for (struct diag_line *l = d->first; l; l = l->next, lines++)
		snprintf(last, sizeof last, "%s", l->text);
	assert_int_equal(lines, 1000);
	assert_string_equal(last, "symbol 999");
	fake.written[2][0] = 0;
	d->first->next = NULL;
	diag_print(d, 2);
	assert_string_equal(fake.written[2], "myld.so: symbol 0\nmyld.so: and 234 more messages\n");
}

static void a_message_without_memory(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;
	char longer[400];

	fake_arena_init(d->arena, 0);
	diag_fail(d, "%s: no memory for %zu bytes", "a.so", (size_t)4096);
	assert_text(d, "a.so: no memory for 4096 bytes");
	diag_fail(d, "second");
	diag_fail(d, "third");
	assert_int_equal(d->count, 3);
	assert_text(d, "a.so: no memory for 4096 bytes\nand 2 more messages");

	diag_clear(d);
	memset(longer, 'y', sizeof longer - 1);
	longer[sizeof longer - 1] = 0;
	diag_fail(d, "%s", longer);
	longer[sizeof d->spare - 1] = 0;
	assert_text(d, longer);
}

static void errors_have_names(void **state)
{
	(void)state;
	assert_string_equal(errno_text(-2), "no such file or directory");
	assert_string_equal(errno_text(-24), "too many open files");
	assert_string_equal(errno_text(-129), "key was rejected");
	assert_string_equal(errno_text(-4000), "unknown error");
	assert_string_equal(errno_text(0), "unknown error");
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
		cmocka_unit_test(debug_has_the_pid),
		cmocka_unit_test_setup_teardown(messages_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cleared_is_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(at_most_a_thousand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_message_without_memory, set_up, tear_down),
		cmocka_unit_test(errors_have_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

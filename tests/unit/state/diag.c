/* diag.c: what is kept of messages, and what becomes of them. */
#include "state/diag.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/fake_sys.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

static void debug_has_the_pid(void **state)
{
	struct diag d = {.fd = 2, .pid = 4711};

	(void)state;
	fake_reset();
	diag_debug(&d, "find library=%s", "libc.so");
	assert_string_equal(fake.written[2], "      4711:\tfind library=libc.so\n");
	assert_int_equal(fake.writes, 1);
}

static void each_line_has_the_pid(void **state)
{
	struct diag d = {.fd = 2, .pid = 1};

	(void)state;
	fake_reset();
	diag_debug(&d, "\ncalling init: %s\n", "a\nb");
	assert_string_equal(fake.written[2], "         1:\t\n         1:\tcalling init: a\n"
					     "         1:\tb\n         1:\t\n");
}

/* ---- messages ---- */

static const char starts[ABOUTS][ABOUT_ROOM] = {
	[ABOUT_OTHER] = ", other: ", [ABOUT_FILE] = ", file: "};

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
	diag_print(d, 2, "./prog", starts);
	assert_string_equal(fake.written[2], "");
	assert_int_equal(diag_fail(d, "%s: e_type %u", "a.so", 9), -1);
	assert_int_equal(diag_fail(d, "second"), -1);
	assert_int_equal(d->count, 2);
	assert_text(d, "a.so: e_type 9\nsecond");
	diag_print(d, 2, "./prog", starts);
	assert_string_equal(
		fake.written[2], "./prog, other: a.so: e_type 9\n./prog, other: second\n");
}

/* A message begins by what it is about, its facts with the loader's name; and dlerror tells nothing
 * but the first message's first line. */
static void facts_on_a_second_line(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;
	char text[100];

	assert_int_equal(diag_first(d, text, sizeof text), 0);
	assert_int_equal(
		diag_about(d, ABOUT_FILE, "%s: not found\n%s: needed", "a.so", "a.so"), -1);
	diag_about(d, ABOUT_MACHINE, "b.so: too old");
	diag_print(d, 2, "./prog", starts);
	assert_string_equal(fake.written[2],
		"./prog, file: a.so: not found\nmyld.so: a.so: needed\nb.so: too old\n");
	assert_text(d, "a.so: not found\na.so: needed\nb.so: too old");
	assert_int_equal(diag_first(d, text, sizeof text), strlen("a.so: not found"));
	assert_string_equal(text, "a.so: not found");
	assert_int_equal(diag_first(d, text, 5), strlen("a.so: not found"));
	assert_string_equal(text, "a.so");
}

/* What is added belongs to the last message, which begins the line. */
static void further_lines(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;
	char text[100];

	assert_int_equal(diag_add(d, "%s: not there", "x"), -1);
	assert_text(d, "x: not there");
	diag_about(d, ABOUT_FILE, "%s", "a.so: not found");
	assert_int_equal(diag_add(d, "%s: \r", "b"), -1);
	diag_add(d, "c%d", 3);
	assert_int_equal(d->count, 2);
	diag_print(d, 2, "./prog", starts);
	assert_non_null(strstr(fake.written[2], "./prog, file: a.so: not found\n"
						"myld.so: b: ?\nmyld.so: c3\n"));
	diag_fail(d, "%s", "last");
	assert_text(d, "x: not there\na.so: not found\nb: ?\nc3\nlast");
	d->arena->end = d->arena->next;
	diag_add(d, "%s", "lost");
	assert_text(d, "x: not there\na.so: not found\nb: ?\nc3\nlast");
	diag_first(d, text, sizeof text);
	assert_string_equal(text, "x: not there");
}

static void names_move_no_cursor(void **state)
{
	struct diag *d = &((struct fixture *)*state)->diag;

	diag_fail(d, "%s: undefined symbol: %s", "a\rb.so", "\x1b[2Jx\x7f\xc3\xa4");
	assert_text(d, "a?b.so: undefined symbol: ?[2Jx?\xc3\xa4");
	diag_clear(d);
	fake_arena_free(d->arena);
	diag_fail(d, "%s", "\tspare");
	assert_text(d, "?spare");
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
	diag_print(d, 2, "./prog", starts);
	assert_string_equal(
		fake.written[2], "./prog, other: symbol 0\nmyld.so: and 234 more messages\n");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(debug_has_the_pid),
		cmocka_unit_test(each_line_has_the_pid),
		cmocka_unit_test_setup_teardown(messages_in_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(names_move_no_cursor, set_up, tear_down),
		cmocka_unit_test_setup_teardown(facts_on_a_second_line, set_up, tear_down),
		cmocka_unit_test_setup_teardown(further_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cleared_is_empty, set_up, tear_down),
		cmocka_unit_test_setup_teardown(at_most_a_thousand, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_message_without_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

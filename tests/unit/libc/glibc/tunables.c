/* tunables.c: GLIBC_TUNABLES and its kin, by the rules until 2.38 and by those since.
 *
 * tests/run/tunables.py compares with glibc's own ld.so; here is what that can't be asked for.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "libc/glibc/tunables.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { CHECK, TOP_PAD, HWCAP_MASK, HWCAPS, SECURE, SIGNED, COUNT };

static const struct glibc_tunable known[COUNT] = {
	[CHECK] = {"glibc.malloc.check", "MALLOC_CHECK_", TUNABLE_INT32, 0, 0, 3},
	[TOP_PAD] = {"glibc.malloc.top_pad", "MALLOC_TOP_PAD_", TUNABLE_SIZE, 131072, 16, -1},
	[HWCAP_MASK] = {"glibc.cpu.hwcap_mask", "", TUNABLE_UINT64, 6, 0, -1},
	[HWCAPS] = {"glibc.cpu.hwcaps", "", TUNABLE_STRING, 0, 0, 0},
	[SECURE] = {"glibc.rtld.enable_secure", "", TUNABLE_INT32, 0, 0, 1},
	[SIGNED] = {"glibc.test.signed", "", TUNABLE_INT32, 0, -5, 5},
};

#define LIST                                                                                       \
	.tunables = known, .ntunables = COUNT,                                                     \
	.order = {CHECK, TOP_PAD, HWCAP_MASK, HWCAPS, SECURE, SIGNED}

static const struct glibc_build old = {.version = "2.38", .minor = 38, LIST};
static const struct glibc_build new = {
	.version = "2.39", .minor = 39, .layout.rules.strict_tunables = 1, LIST};

struct fixture {
	struct loader ld;
	char *environment[8];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_loader_init(&f->ld);
	f->ld.config.envp = f->environment;
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

/* Reads the environment, which is up to three variables. */
static void start(struct fixture *f, const struct glibc_build *b, char *one, char *two, char *three)
{
	char *variables[] = {one, two, three, NULL};

	memcpy(f->environment, variables, sizeof variables);
	fake.written[2][0] = 0;
	assert_int_equal(tunables_init(&f->ld, b), 0);
}

static int64_t number(const char *name)
{
	const struct tunable_value *v = tunables_find(name);

	assert_non_null(v);
	return v->number;
}

#define CHECK_IS(n) assert_int_equal(number("glibc.malloc.check"), n)

/* ---- what libc asks for ---- */

static int64_t called_with;

static void callback(void *value)
{
	called_with = *(int64_t *)value;
}

/* Each type is written in its own size; the callback is for what was set. */
static void by_id(void **state)
{
	struct fixture *f = *state;
	struct {
		int32_t value, behind;
	} small = {-1, -1};
	uint64_t wide = 1;

	start(f, &new,
		"GLIBC_TUNABLES=glibc.malloc.check=2:glibc.cpu.hwcap_mask=0x1122334455667788", NULL,
		NULL);
	api_tunable_get_val(CHECK, &small, callback);
	assert_int_equal(small.value, 2);
	assert_int_equal(small.behind, -1);
	assert_int_equal(called_with, 2);
	api_tunable_get_val(TOP_PAD, &wide, callback);
	assert_int_equal(wide, 131072);
	assert_int_equal(called_with, 2);
	api_tunable_get_val(HWCAP_MASK, &wide, NULL);
	assert_int_equal(wide, 0x1122334455667788);
	assert_int_equal(api_tunable_is_initialized(CHECK), 1);
	assert_int_equal(api_tunable_is_initialized(TOP_PAD), 0);
}

static void ids_beyond_the_list(void **state)
{
	uint64_t value = 77;

	start(*state, &new, "GLIBC_TUNABLES=glibc.malloc.check=2", NULL, NULL);
	api_tunable_get_val(COUNT, &value, callback);
	api_tunable_get_val(-1, &value, callback);
	assert_int_equal(value, 77);
	assert_int_equal(api_tunable_is_initialized(COUNT), 0);
	assert_int_equal(api_tunable_is_initialized(-1), 0);
}

static void texts(void **state)
{
	struct fixture *f = *state;
	char list[] = "GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,x:glibc.malloc.check=1";
	const char *text = NULL;
	const struct {
		const char *s;
		size_t length;
	} *described = NULL;

	start(f, &old, list, NULL, NULL);
	api_tunable_get_val(HWCAPS, &text, NULL);
	assert_string_equal(text, "-AVX2,x");
	start(f, &new, list, NULL, NULL);
	list[32] = '?'; /* the program may write over its environment */
	api_tunable_get_val(HWCAPS, &described, NULL);
	assert_string_equal(described->s, "-AVX2,x");
	assert_int_equal(described->length, 7);
	start(f, &old, NULL, NULL, NULL);
	api_tunable_get_val(HWCAPS, &text, NULL);
	assert_null(text);
	start(f, &new, NULL, NULL, NULL);
	api_tunable_get_val(HWCAPS, &described, NULL);
	assert_null(described->s);
}

/* ---- lists ---- */

static void bad_words_until_2_38(void **state)
{
	struct fixture *f = *state;

	start(f, &old, "GLIBC_TUNABLES=x:glibc.malloc.check=3z:y=1=2:z", NULL, NULL);
	CHECK_IS(3);
	start(f, &old, "GLIBC_TUNABLES=glibc.malloc.check=1:glibc.malloc.check=9", NULL, NULL);
	CHECK_IS(1);
	start(f, &old, "GLIBC_TUNABLES=glibc.malloc.check=4294967297", NULL, NULL);
	CHECK_IS(0);
	start(f, &old, "GLIBC_TUNABLES=glibc.cpu.hwcaps=a=b", NULL, NULL);
	assert_string_equal(tunables_find("glibc.cpu.hwcaps")->text.s, "a=b");
	assert_string_equal(fake.written[2], "");
}

static void bad_words_since_2_39(void **state)
{
	struct fixture *f = *state;

	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=3:x=1=2", NULL, NULL);
	CHECK_IS(0);
	assert_string_equal(fake.written[2],
		"myld.so: warning: GLIBC_TUNABLES: \"glibc.malloc.check=3:x=1=2\": "
		"expected NAME=VALUE:NAME=VALUE...; ignored\n");
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=3z:glibc.malloc.top_pad=32", NULL, NULL);
	CHECK_IS(0);
	assert_int_equal(number("glibc.malloc.top_pad"), 32);
	assert_string_equal(fake.written[2],
		"myld.so: warning: glibc.malloc.check: \"3z\": expected a number; ignored\n");
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=1:glibc.malloc.check=9", NULL, NULL);
	CHECK_IS(0);
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=4294967297", NULL, NULL);
	CHECK_IS(1);
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=1:", NULL, NULL);
	CHECK_IS(0);
	start(f, &new, "GLIBC_TUNABLES=", NULL, NULL);
	assert_string_equal(fake.written[2], "");
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.chec=1:glibc.malloc.checks=1", NULL, NULL);
	CHECK_IS(0);
	assert_string_equal(fake.written[2], "");
}

/* The first list's words are not looked at again with the second's. */
static void two_lists(void **state)
{
	struct fixture *f = *state;

	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=1",
		"GLIBC_TUNABLES=glibc.malloc.top_pad=64", NULL);
	CHECK_IS(1);
	assert_int_equal(number("glibc.malloc.top_pad"), 64);
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=1x",
		"GLIBC_TUNABLES=glibc.malloc.check=2", "GLIBC_TUNABLES=x=1");
	CHECK_IS(2);
	assert_null(strstr(strstr(fake.written[2], "warning") + 1, "warning"));
}

/* ---- variables of their own ---- */

static void the_list_goes_first(void **state)
{
	struct fixture *f = *state;
	const struct glibc_build *both[] = {&old, &new};

	for (size_t i = 0; i < 2; i++) {
		start(f, both[i], "MALLOC_CHECK_=1", "GLIBC_TUNABLES=glibc.malloc.check=2",
			"MALLOC_CHECK_=3");
		CHECK_IS(2);
		start(f, both[i], "MALLOC_CHECK_=1", "GLIBC_TUNABLES=glibc.malloc.check=7",
			"MALLOC_CHECK=3");
		CHECK_IS(1);
	}
}

static void variables_twice(void **state)
{
	struct fixture *f = *state;

	start(f, &old, "MALLOC_CHECK_=9", "MALLOC_CHECK_=1", "MALLOC_CHECK_=2");
	CHECK_IS(1);
	start(f, &new, "MALLOC_CHECK_=9", "MALLOC_CHECK_=1", "MALLOC_CHECK_=2");
	CHECK_IS(2);
	start(f, &new, "MALLOC_CHECK_=1", "MALLOC_CHECK_=9", NULL);
	CHECK_IS(0);
}

/* ---- secure mode ---- */

static void secure(void **state)
{
	struct fixture *f = *state;

	f->ld.config.secure = true;
	start(f, &old, "GLIBC_TUNABLES=glibc.malloc.check=2", "MALLOC_TOP_PAD_=32", NULL);
	CHECK_IS(0);
	assert_int_equal(number("glibc.malloc.top_pad"), 131072);
}

static void secure_at_request(void **state)
{
	struct fixture *f = *state;

	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=2:glibc.rtld.enable_secure=1",
		"MALLOC_TOP_PAD_=32", NULL);
	CHECK_IS(0);
	assert_int_equal(number("glibc.malloc.top_pad"), 131072);
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=2:glibc.rtld.enable_secure=0", NULL,
		NULL);
	CHECK_IS(2);
	start(f, &new, "GLIBC_TUNABLES=glibc.malloc.check=2:glibc.rtld.enable_secure=1x", NULL,
		NULL);
	CHECK_IS(2);
}

/* ---- what the loader sets ---- */

static void bounds_get_narrower(void **state)
{
	const struct tunable_value *v;

	start(*state, &new, NULL, NULL, NULL);
	v = tunables_find("glibc.malloc.top_pad");
	tunables_set("glibc.malloc.top_pad", 500, 1, 1000);
	assert_int_equal(v->number, 500);
	assert_int_equal(v->min, 16);
	assert_int_equal(v->max, 1000);
	assert_int_equal(api_tunable_is_initialized(TOP_PAD), 1);
	tunables_set("glibc.malloc.top_pad", 600, 100, UINT64_MAX);
	assert_int_equal(v->number, 600);
	assert_int_equal(v->min, 100);
	assert_int_equal(v->max, 1000);
	tunables_set("glibc.malloc.top_pad", 99, 1, 1000);
	assert_int_equal(v->number, 600);
	tunables_set("glibc.malloc.top_pad", 1001, 1, UINT64_MAX);
	assert_int_equal(v->number, 600);
	tunables_set("glibc.malloc.top_pad", 700, 900, 800); /* no bounds at all */
	assert_int_equal(v->number, 700);
	assert_int_equal(v->min, 100);
	assert_int_equal(v->max, 1000);
	tunables_set("glibc.malloc.none", 1, 1, 1);
	tunables_set("glibc.cpu.hwcaps", 0, 0, 0);
	assert_int_equal(api_tunable_is_initialized(HWCAPS), 0);
}

static void numbers_with_a_sign(void **state)
{
	start(*state, &new, "GLIBC_TUNABLES=glibc.malloc.check=-1:glibc.malloc.top_pad=-1", NULL,
		NULL);
	CHECK_IS(0);
	assert_int_equal(number("glibc.malloc.top_pad"), UINT64_MAX);
}

/* ---- the rest ---- */

static void printed(void **state)
{
	start(*state, &new,
		"GLIBC_TUNABLES=glibc.cpu.hwcaps=a,b:glibc.malloc.top_pad=-1:glibc.test.signed=-4",
		NULL, NULL);
	tunables_print();
	assert_string_equal(fake.written[1],
		"glibc.malloc.check: 0 (min: 0, max: 3)\n"
		"glibc.malloc.top_pad: 0xffffffffffffffff (min: 0x10, max: 0xffffffffffffffff)\n"
		"glibc.cpu.hwcap_mask: 0x6 (min: 0x0, max: 0xffffffffffffffff)\n"
		"glibc.cpu.hwcaps: a,b\n"
		"glibc.rtld.enable_secure: 0 (min: 0, max: 1)\n"
		"glibc.test.signed: -4 (min: -5, max: 5)\n");
}

static void without_memory(void **state)
{
	struct fixture *f = *state;
	struct arena some = f->ld.permanent;
	char text[200];

	f->environment[0] = "GLIBC_TUNABLES=glibc.cpu.hwcaps=a";
	for (size_t n = 0; n < 2; n++) {
		f->ld.permanent.end =
			f->ld.permanent.next + n * COUNT * sizeof(struct tunable_value);
		assert_int_equal(tunables_init(&f->ld, n ? &new : &old), -1);
		diag_text(&f->ld.diag, text, sizeof text);
		assert_string_equal(text,
			n ? "glibc.cpu.hwcaps: out of memory" : "GLIBC_TUNABLES: out of memory");
		diag_clear(&f->ld.diag);
	}
	f->ld.permanent.end = some.end;
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(by_id),
		TEST(ids_beyond_the_list),
		TEST(texts),
		TEST(bad_words_until_2_38),
		TEST(bad_words_since_2_39),
		TEST(two_lists),
		TEST(the_list_goes_first),
		TEST(variables_twice),
		TEST(secure),
		TEST(secure_at_request),
		TEST(bounds_get_narrower),
		TEST(numbers_with_a_sign),
		TEST(printed),
		TEST(without_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

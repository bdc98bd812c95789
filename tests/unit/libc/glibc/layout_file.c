/* layout_file.c: what is accepted as a layout, what is said of anything else, and where files are looked for. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/sys.h"
#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "libc/glibc/layout_file.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

#define ID "0102030405060708090a0b0c0d0e0f1011121314"

static size_t newest(void)
{
	size_t i = 0;

	while (glibc_layout_at(i + 1))
		i++;
	return i;
}

static struct layout_file good_file(void)
{
	struct layout_file f = {.machine = ARCH_NAME, .build_id = ID, .version = "2.44"};

	glibc_read_layout(newest(), &f.layout);
	strcpy(f.near, glibc_layout_at(newest())->name);
	return f;
}

static size_t good_text(char *text, size_t room)
{
	struct layout_file f = good_file();

	return layout_file_format(&f, text, room);
}

static void every_layout_again(void **state)
{
	char text[16384];
	struct layout_file f = good_file(), got;
	struct layout_fault fault;

	(void)state;
	for (size_t i = 0; glibc_layout_at(i); i++) {
		size_t n;

		if (glibc_layout_at(i)->minor < 34)
			continue;
		glibc_read_layout(i, &f.layout);
		memset(f.near, 0, sizeof f.near);
		strcpy(f.near, glibc_layout_at(i)->name);
		n = layout_file_format(&f, text, sizeof text);
		assert_true(n < sizeof text);
		memset(&got, 0, sizeof got);
		if (!layout_file_parse(text, n, &got, &fault))
			fail_msg("%s: line %u: %s", f.near, fault.line, fault.text);
		assert_memory_equal(&got, &f, sizeof f);
	}
}

/* Every prefix is too short, and nothing behind it is read. */
static void each_prefix(void **state)
{
	char text[16384];
	size_t n = good_text(text, sizeof text);
	struct layout_file f;
	struct layout_fault fault;

	(void)state;
	for (size_t k = 0; k < n; k += k < 300 ? 1 : 17) {
		char *copy = malloc(k);

		memcpy(copy, text, k);
		assert_false(layout_file_parse(copy, k, &f, &fault));
		assert_true(fault.line > 0 && fault.text[0]);
		free(copy);
	}
}

/* A byte that is another: refused, or what comes out is within its bounds. */
static void each_byte(void **state)
{
	char text[16384];
	size_t n = good_text(text, sizeof text);
	struct layout_file f;
	struct layout_fault fault;

	(void)state;
	for (size_t k = 0; k < n; k++) {
		static const char others[] = "09- \n\0x";
		char before = text[k];

		for (size_t o = 0; o + 1 < sizeof others; o++) {
			text[k] = others[o];
			if (!layout_file_parse(text, n, &f, &fault))
				continue;
			assert_true(f.layout.ro.size <= 1280 && f.layout.global.size <= 6144);
			assert_true(f.layout.ro.auxv + 8 <= f.layout.ro.size);
			assert_true(f.layout.map.tls_modid + 8 <= f.layout.map.size);
			assert_true(f.layout.pthread.tid + 8 <= f.layout.pthread.size);
		}
		text[k] = before;
	}
}

struct fixture {
	struct loader ld;
	char text[16384];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_reset();
	fake_loader_init(&f->ld);
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

static struct fake_file *add(struct fixture *f, const char *path)
{
	return fake_add(path, f->text, good_text(f->text, sizeof f->text), FILE_REGULAR | 0644);
}

static int find(struct fixture *f, char **envp, const char **why)
{
	struct layout_file file;

	f->ld.config.envp = envp;
	*why = "";
	return layout_file_find(&f->ld, ID, &file, why);
}

static void places(void **state)
{
	char *none[] = {NULL}, *home[] = {"HOME=/home/u", NULL};
	char *both[] = {"HOME=/home/u", "XDG_CONFIG_HOME=/config", NULL};
	char *relative[] = {"XDG_CONFIG_HOME=config", NULL};
	struct fixture *f = *state;
	const char *why;

	assert_int_equal(find(f, home, &why), 0);
	add(f, "/home/u/.config/myld/layouts/" ID);
	assert_int_equal(find(f, home, &why), 1);
	assert_int_equal(find(f, none, &why), 0);
	assert_int_equal(find(f, both, &why), 0);
	assert_int_equal(find(f, relative, &why), 0);
	f->ld.config.secure = true;
	assert_int_equal(find(f, home, &why), 0);
	f->ld.config.secure = false;
	add(f, "/config/myld/layouts/" ID);
	assert_int_equal(find(f, both, &why), 1);
	add(f, "/etc/myld/layouts/" ID);
	assert_int_equal(find(f, none, &why), 1);
	f->ld.config.secure = true;
	assert_int_equal(find(f, none, &why), 1);
}

static void the_system_comes_first(void **state)
{
	char *home[] = {"HOME=/home/u", NULL};
	struct fixture *f = *state;
	const char *why;

	add(f, "/home/u/.config/myld/layouts/" ID);
	fake_add("/etc/myld/layouts/" ID, "nonsense", 8, FILE_REGULAR | 0644);
	assert_int_equal(find(f, home, &why), -1);
	assert_string_equal(why, "/etc/myld/layouts/" ID ":1: not a layout file of version 1");
}

static void others_may_write(void **state)
{
	char *home[] = {"HOME=/home/u", NULL};
	struct fixture *f = *state;
	struct fake_file *file = add(f, "/home/u/.config/myld/layouts/" ID);
	const char *why;

	file->mode = FILE_REGULAR | 0664;
	assert_int_equal(find(f, home, &why), -1);
	assert_non_null(strstr(why, ID ": not used: others may have written it"));
	file->mode = FILE_REGULAR | 0646;
	assert_int_equal(find(f, home, &why), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(every_layout_again),
		cmocka_unit_test(each_prefix), cmocka_unit_test(each_byte),
		cmocka_unit_test_setup_teardown(places, set_up, tear_down),
		cmocka_unit_test_setup_teardown(the_system_comes_first, set_up, tear_down),
		cmocka_unit_test_setup_teardown(others_may_write, set_up, tear_down)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* store.c: which directories are trusted, which names are the store's, what goes when room runs
 * out.  All of it happens in a directory of its own under /tmp, with the kernel's own files; whose
 * they are expected to be is the loader's configuration alone, so that nobody has to be root.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <ftw.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "cache/store.h"
#include "lib/fake_loader.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

/* ---- The ground ---- */

static char base[] = "/tmp/myld-store-XXXXXX", folder[64];
static char variables[2][80], *environment[3];
static struct loader *ld;

static void set_variables(const char *home, const char *xdg)
{
	char **at = environment;

	snprintf(variables[0], sizeof variables[0], "HOME=%s", home ? home : "");
	snprintf(variables[1], sizeof variables[1], "XDG_CACHE_HOME=%s", xdg ? xdg : "");
	if (home)
		*at++ = variables[0];
	if (xdg)
		*at++ = variables[1];
	*at = NULL;
}

static int remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

static int make_ground(void **state)
{
	(void)state;
	strcpy(base + sizeof base - 7, "XXXXXX");
	if (!mkdtemp(base))
		return -1;
	snprintf(folder, sizeof folder, "%s/myld", base);
	ld = calloc(1, sizeof *ld);
	fake_loader_init(ld);
	ld->config.euid = geteuid();
	ld->config.envp = environment;
	set_variables(NULL, base);
	return mkdir(folder, 0700);
}

static int remove_ground(void **state)
{
	(void)state;
	fake_loader_free(ld);
	free(ld);
	return nftw(base, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

static void put(const char *name, size_t size, time_t age)
{
	char path[200];
	time_t then = time(NULL) - age;
	struct timespec times[2] = {{then, 0}, {then, 0}};
	int fd;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	assert_int_equal(futimens(fd, times), 0);
	close(fd);
}

static bool there(const char *name)
{
	char path[200];

	snprintf(path, sizeof path, "%s/%s", folder, name);
	return access(path, F_OK) == 0;
}

static void put_limit(const char *text)
{
	char path[200];
	FILE *f;

	snprintf(path, sizeof path, "%s/limit", folder);
	f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
	chmod(path, 0600);
}

/* What store_open() comes to, and what is told of it. */
static int opened(char *text)
{
	struct store s;
	int e = store_open(ld, STORE_USER, &s);

	store_describe(ld, &s, e, text);
	if (e == 0)
		store_close(&s);
	return e;
}

static void assert_told(int e, const char *what)
{
	char text[STORE_TEXT];

	assert_int_equal(opened(text), e);
	if (!strstr(text, what))
		print_error("\"%s\" does not say \"%s\"\n", text, what);
	assert_non_null(strstr(text, what));
}

/* ---- Where it is ---- */

static void paths(void **state)
{
	char path[STORE_PATH];

	(void)state;
	set_variables("/home/u", "/x");
	assert_true(store_path(ld, STORE_USER, path, sizeof path));
	assert_string_equal(path, "/x/myld");
	set_variables("/home/u", "relative");
	assert_true(store_path(ld, STORE_USER, path, sizeof path));
	assert_string_equal(path, "/home/u/.cache/myld");
	set_variables("relative", "relative");
	assert_false(store_path(ld, STORE_USER, path, sizeof path));
	set_variables(NULL, NULL);
	assert_false(store_path(ld, STORE_USER, path, sizeof path));
	assert_true(store_path(ld, STORE_SYSTEM, path, sizeof path));
	assert_string_equal(path, "/var/cache/myld");
	assert_told(-SYS_ENOENT, "neither XDG_CACHE_HOME nor HOME is an absolute path");
}

static void no_user_in_secure_mode(void **state)
{
	char path[STORE_PATH];
	struct store s;

	(void)state;
	assert_told(0, "mode 0700");
	ld->config.secure = true;
	assert_false(store_path(ld, STORE_USER, path, sizeof path));
	assert_int_equal(store_open(ld, STORE_USER, &s), -SYS_ENOENT);
}

/* ---- Trust ---- */

static void open_to_others(void **state)
{
	static const mode_t modes[] = {0770, 0720, 0702, 0777, 01777};
	char want[8];

	(void)state;
	for (size_t i = 0; i < sizeof modes / sizeof *modes; i++) {
		assert_int_equal(chmod(folder, modes[i]), 0);
		snprintf(want, sizeof want, "%04o", modes[i]);
		assert_told(-SYS_EPERM, want);
	}
}

/* What the user has is for nobody to look into, be the user root or not. */
static void readable(void **state)
{
	(void)state;
	assert_int_equal(chmod(folder, 0750), 0);
	assert_told(-SYS_EPERM, "mode 0750: expected owner");
	assert_int_equal(chmod(folder, 0705), 0);
	assert_told(-SYS_EPERM, "mode 0705: expected owner");
}

/* As another user, who finds this one's. */
static void somebody_elses(void **state)
{
	(void)state;
	if (!geteuid()) {
		assert_int_equal(chown(folder, 1234, 1234), 0);
		ld->config.euid = 5678;
		assert_told(-SYS_EPERM, "owner 1234, mode 0700: expected owner 5678 and mode 0700");
		assert_int_equal(chown(folder, 5678, 1234), 0);
		assert_told(0, "owner 5678, mode 0700");
		assert_int_equal(chmod(folder, 0755), 0);
		assert_told(-SYS_EPERM, "owner 5678, mode 0755: expected owner 5678");
		return;
	}
	ld->config.euid++;
	assert_told(-SYS_EPERM, "expected owner");
}

static void roots_is_for_everybody(void **state)
{
	(void)state;
	if (geteuid())
		skip();
	ld->config.euid = 5678;
	assert_int_equal(chmod(folder, 0755), 0);
	assert_told(0, "owner 0, mode 0755");
	assert_int_equal(chmod(folder, 0757), 0);
	assert_told(-SYS_EPERM, "owner 0, mode 0757: expected owner 5678");
}

static void no_link(void **state)
{
	char other[80];

	(void)state;
	snprintf(other, sizeof other, "%s/other", base);
	assert_int_equal(rename(folder, other), 0);
	assert_told(-SYS_ENOENT, "does not exist (myld.so --cache enable creates it)");
	assert_int_equal(symlink(other, folder), 0);
	assert_told(-SYS_EPERM, "a symbolic link, expected a directory");
	unlink(folder);
	close(open(folder, O_WRONLY | O_CREAT, 0700));
	assert_told(-SYS_EPERM, "not a directory");
}

static void files_of_others(void **state)
{
	struct store s;
	struct file_info info;
	char path[200];

	(void)state;
	put("0123456789abcdef.plan", 10, 0);
	snprintf(path, sizeof path, "%s/0123456789abcdef.plan", folder);
	assert_int_equal(store_open(ld, STORE_USER, &s), 0);
	for (int mode = 0; mode < 0777; mode++) {
		int fd;

		assert_int_equal(chmod(path, (mode_t)(0600 | mode)), 0);
		fd = store_open_file(ld, &s, "0123456789abcdef.plan", &info);
		assert_int_equal(fd >= 0, !(mode & 0022));
		if (fd >= 0)
			close(fd);
	}
	unlink(path);
	assert_int_equal(symlink("/etc/passwd", path), 0);
	assert_int_equal(store_open_file(ld, &s, "0123456789abcdef.plan", &info), -SYS_ELOOP);
	unlink(path);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_open_file(ld, &s, "0123456789abcdef.plan", &info), -SYS_EPERM);
	store_close(&s);
}

/* ---- Names and sizes ---- */

static void names(void **state)
{
	static const struct {
		const char *name;
		enum store_kind kind;
	} all[] = {
		{"0123456789abcdef.plan", STORE_PLAN},
		{"0123456789abcdef-00112233.pages", STORE_PAGES},
		{"0123456789abcdef.open", STORE_OPEN},
		{".new-12-0", STORE_TEMPORARY},
		{"limit", STORE_SETTING},
		{"0123456789abcdeF.plan", STORE_FOREIGN},
		{"0123456789abcde.plan", STORE_FOREIGN},
		{"0123456789abcdef.plant", STORE_FOREIGN},
		{"0123456789abcdef", STORE_FOREIGN},
		{"thesis.txt", STORE_FOREIGN},
		{"", STORE_FOREIGN},
	};

	(void)state;
	for (size_t i = 0; i < sizeof all / sizeof *all; i++)
		assert_int_equal(store_kind(all[i].name), all[i].kind);
	assert_true(store_is_of_key(all[1].name, all[0].name));
	assert_false(store_is_of_key("1123456789abcdef.plan", all[0].name));
	assert_false(store_is_of_key("0123456789abcdef.open", all[0].name));
	assert_false(store_is_of_key(".new-12-0", ".new-12-0"));
}

static void sizes(void **state)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {{"0", 0}, {"17", 17}, {"3K", 3 << 10}, {"2M\n", 2 << 20},
		{"5G", (uint64_t)5 << 30}};
	static const char *const bad[] = {
		"", "K", "-1", "1T", "1KK", "1 M", "99999999999999999999"};
	uint64_t bytes;

	(void)state;
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_true(store_size(good[i].text, &bytes));
		assert_int_equal(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
		assert_false(store_size(bad[i], &bytes));
}

static void limits(void **state)
{
	struct store s;

	(void)state;
	assert_int_equal(store_open(ld, STORE_USER, &s), 0);
	assert_int_equal(store_limit(ld, &s), STORE_LIMIT);
	put_limit("7M\n");
	assert_int_equal(store_limit(ld, &s), 7 << 20);
	put_limit("seven");
	assert_int_equal(store_limit(ld, &s), STORE_LIMIT);
	store_close(&s);
}

/* ---- Room ---- */

#define OLD   "aaaaaaaaaaaaaaaa"
#define NEWER "bbbbbbbbbbbbbbbb"
#define LAST  "cccccccccccccccc"

static void put_three(void)
{
	put(OLD "-00000001.pages", 4000, 300);
	put(OLD ".plan", 1000, 299);
	put(NEWER "-00000001.pages", 4000, 200);
	put(NEWER ".plan", 1000, 199);
	put(LAST "-00000001.pages", 4000, 100);
	put(LAST "-00000002.pages", 4000, 1);
	put(LAST ".plan", 1000, 0);
	put("thesis.txt", 1 << 20, 100000);
	put(".new-1-0", 4000, 3600);
	put(".new-2-0", 4000, 0);
}

static void trim(void)
{
	struct store s;

	assert_int_equal(store_open(ld, STORE_USER, &s), 0);
	store_trim(ld, &s, LAST ".plan", LAST "-00000002.pages");
	store_close(&s);
}

static void trims_leftovers(void **state)
{
	(void)state;
	put_three();
	trim();
	assert_false(there(LAST "-00000001.pages"));
	assert_false(there(".new-1-0"));
	assert_true(there(LAST "-00000002.pages") && there(".new-2-0"));
	assert_true(there(OLD ".plan") && there(OLD "-00000001.pages"));
	assert_true(there("thesis.txt"));
}

/* A plan and its pages go together, and nothing goes that is not the store's. */
static void trims_oldest(void **state)
{
	(void)state;
	put_three();
	put_limit("10000");
	trim();
	assert_false(there(OLD ".plan") || there(OLD "-00000001.pages"));
	assert_true(there(NEWER ".plan") && there(NEWER "-00000001.pages"));
	assert_true(there(LAST ".plan") && there(LAST "-00000002.pages"));
	put_limit("9999");
	trim();
	assert_false(there(NEWER ".plan") || there(NEWER "-00000001.pages"));
	assert_true(there(LAST ".plan") && there(LAST "-00000002.pages"));
	put_limit("0");
	trim();
	assert_false(there(LAST ".plan") || there(LAST "-00000002.pages"));
	assert_true(there("thesis.txt") && there("limit") && there(".new-2-0"));
}

/* What a dlopen has left goes by itself, though its key be a plan's. */
static void trims_opens(void **state)
{
	(void)state;
	put_three();
	put(OLD ".open", 500, 400);
	put_limit("15500");
	trim();
	assert_true(there(OLD ".open") && there(OLD ".plan"));
	put_limit("15499");
	trim();
	assert_false(there(OLD ".open"));
	assert_true(there(OLD ".plan") && there(OLD "-00000001.pages"));
}

/* What one writer is at no other takes, nor does a name have two files. */
static void writers(void **state)
{
	char first[STORE_NAME], second[STORE_NAME];
	struct store s;
	int a, b;

	(void)state;
	assert_int_equal(store_open(ld, STORE_USER, &s), 0);
	a = store_create(&s, first, sizeof first);
	b = store_create(&s, second, sizeof second);
	assert_true(a >= 0 && b >= 0);
	assert_string_not_equal(first, second);
	assert_int_equal(store_kind(first), STORE_TEMPORARY);
	assert_int_equal(store_keep(&s, first, LAST ".plan"), 0);
	assert_int_equal(store_keep(&s, second, LAST ".plan"), 0);
	assert_true(there(LAST ".plan") && !there(first) && !there(second));
	assert_int_equal(store_keep(&s, second, LAST ".plan"), -SYS_ENOENT);
	close(a);
	close(b);
	store_close(&s);
}

#define on_ground(test) cmocka_unit_test_setup_teardown(test, make_ground, remove_ground)

int main(void)
{
	const struct CMUnitTest tests[] = {
		on_ground(paths),
		on_ground(no_user_in_secure_mode),
		on_ground(open_to_others),
		on_ground(readable),
		on_ground(somebody_elses),
		on_ground(roots_is_for_everybody),
		on_ground(no_link),
		on_ground(files_of_others),
		cmocka_unit_test(names),
		cmocka_unit_test(sizes),
		on_ground(limits),
		on_ground(trims_leftovers),
		on_ground(trims_oldest),
		on_ground(trims_opens),
		on_ground(writers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

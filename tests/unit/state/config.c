/* config.c: vectors as a kernel makes them, and what becomes of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/fake_sys.h"
#include "lib/vector.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

/* What the program will find: the whole vector from argc on, without a gap. */
static void assert_vector(const struct config *c, const char *const *argv, const char *const *envp)
{
	const uintptr_t *at = made.stack;

	assert_ptr_equal(c->stack, at);
	assert_int_equal(c->argc, count_words(argv));
	assert_int_equal(*at++, count_words(argv));
	assert_ptr_equal(c->argv, at);
	for (; *argv; argv++)
		assert_string_equal((const char *)*at++, *argv);
	assert_int_equal(*at++, 0);
	assert_ptr_equal(c->envp, at);
	for (; *envp; envp++)
		assert_string_equal((const char *)*at++, *envp);
	assert_int_equal(*at++, 0);
	assert_ptr_equal(c->auxv, at);
	assert_int_equal(at[0], AT_PAGESZ);
	assert_int_equal(at[16], AT_NULL);
	assert_true(at + 18 <= made.stack + made.words);
}

/* ---- the vector ---- */

static void interp_changes_nothing(void **state)
{
	struct config *c = as_interp(WORDS("A=1", "LD_LIBRARY_PATH=/x"));

	(void)state;
	assert_vector(c, WORDS("prog", "--list"), WORDS("A=1", "LD_LIBRARY_PATH=/x"));
	assert_false(c->command);
	assert_int_equal(c->mode, MODE_RUN);
	assert_null(c->program);
	assert_null(c->problem);
}

static void auxv_is_read(void **state)
{
	struct config *c = as_interp(WORDS("A=1"));

	(void)state;
	assert_int_equal(c->page, 4096);
	assert_int_equal((uintptr_t)c->phdr, 0x40);
	assert_int_equal(c->phnum, 7);
	assert_int_equal(c->entry, OTHER);
	assert_int_equal((uintptr_t)c->random, 0x99);
	assert_int_equal(c->hwcap, 0xbeef);
	assert_string_equal(c->execfn, "./execfn");
	assert_int_equal(c->base, 0);
	assert_null(c->platform);
	assert_false(c->secure);
}

static void auxv_is_written(void **state)
{
	struct config *c = as_command(WORDS("myld.so", "prog"));

	(void)state;
	config_set_auxv(c, AT_PHNUM, 11);
	config_set_auxv(c, AT_PLATFORM, 5); /* the kernel gave none */
	assert_int_equal(c->auxv[2].a_un.a_val, 11);
	assert_int_equal(c->auxv[8].a_type, AT_NULL);
}

static void command_is_shifted(void **state)
{
	struct config *c =
		as_command(WORDS("myld.so", "--library-path", "/opt", "--maps", "prog", "-a", "b"));

	(void)state;
	assert_null(c->problem);
	assert_true(c->command);
	assert_string_equal(c->program, "prog");
	assert_true(c->show_maps);
	assert_vector(
		c, WORDS("prog", "-a", "b"), WORDS("HOME=/", "LD_LIBRARY_PATH=/env", "LAST=1"));
	assert_string_equal(config_getenv(c, "LAST"), "1");
}

static void argv0_replaces_the_name(void **state)
{
	struct config *c = as_command(WORDS("myld.so", "--argv0", "-sh", "/bin/sh", "x"));

	(void)state;
	assert_string_equal(c->program, "/bin/sh");
	assert_string_equal(c->argv[0], "-sh");
	assert_string_equal(c->argv[1], "x");
	assert_string_equal(as_command(WORDS("ld", "--argv0=", "p"))->argv[0], "");
}

/* ---- options ---- */

static void values_both_ways(void **state)
{
	struct config *c = as_command(WORDS("myld.so", "--library-path=/a:/b", "--preload",
		"x.so y.so", "--inhibit-rpath=liba.so", "--lazy", "--inhibit-cache", "p"));

	(void)state;
	assert_null(c->problem);
	assert_string_equal(c->library_path, "/a:/b");
	assert_string_equal(c->library_path_from, "--library-path");
	assert_string_equal(c->preload_option, "x.so y.so");
	assert_string_equal(c->inhibit_rpath, "liba.so");
	assert_true(c->bind_lazy && c->inhibit_cache);
	assert_false(c->show_maps || c->no_system_loader);
	assert_null(c->hwcaps_prepend);
	assert_null(c->hwcaps_mask);

	c = as_command(WORDS("l", "--glibc-hwcaps-prepend", "a:b", "--glibc-hwcaps-mask=c",
		"--exec-system-loader", "--no-system-loader", "p"));
	assert_null(c->problem);
	assert_string_equal(c->hwcaps_prepend, "a:b");
	assert_string_equal(c->hwcaps_mask, "c");
	assert_true(c->no_system_loader);

	c = as_command(WORDS("myld.so", "p"));
	assert_string_equal(c->library_path, "/env");
	assert_string_equal(c->library_path_from, "LD_LIBRARY_PATH");
}

static void modes(void **state)
{
	(void)state;
	assert_int_equal(as_command(WORDS("l", "p"))->mode, MODE_RUN);
	assert_int_equal(as_command(WORDS("l", "--list", "p"))->mode, MODE_LIST);
	assert_int_equal(as_command(WORDS("l", "--verify", "p"))->mode, MODE_VERIFY);
	assert_int_equal(as_command(WORDS("l", "--help"))->mode, MODE_HELP);
	assert_null(made.config.problem);
	assert_int_equal(as_command(WORDS("l", "--version", "p"))->mode, MODE_VERSION);
	assert_null(made.config.problem);
	assert_int_equal(as_command(WORDS("l", "--list-tunables"))->mode, MODE_LIST_TUNABLES);
	assert_null(made.config.problem);
	assert_int_equal(as_command(WORDS("l", "--list-diagnostics"))->mode, MODE_LIST_DIAGNOSTICS);
	assert_null(made.config.problem);
	assert_int_equal(as_command(WORDS("l", "--list-glibc"))->mode, MODE_LIST_GLIBC);
	assert_null(made.config.problem);
	assert_null(made.config.program);
	assert_string_equal(as_command(WORDS("l", "--list-glibc", "f"))->program, "f");
	assert_null(made.config.problem);
	assert_string_equal(as_command(WORDS("l", "--list-glibc", "f", "g"))->problem,
		"--list-glibc: one word too many");
	assert_int_equal(as_command(WORDS("l", "--learn-glibc", "f"))->mode, MODE_LEARN_GLIBC);
	assert_string_equal(as_command(WORDS("l", "--learn-glibc", "-o", "g", "f"))->program, "f");
	assert_string_equal(as_command(WORDS("l", "--learn-glibc", "-o", "g", "f"))->output, "g");
	assert_string_equal(as_command(WORDS("l", "--learn-glibc"))->problem, "--learn-glibc: missing file");
	assert_string_equal(as_command(WORDS("l", "--learn-glibc", "f", "g"))->problem,
		"--learn-glibc: one word too many");
	assert_string_equal(as_command(WORDS("l", "-o", "f", "g"))->problem_word, "-o");
}

static void words_of_cache(void **state)
{
	struct config *c = as_command(WORDS("l", "--cache", "enable", "--limit=3M", "--system"));

	(void)state;
	assert_null(c->problem);
	assert_int_equal(c->mode, MODE_CACHE_ENABLE);
	assert_true(c->cache_system);
	assert_string_equal(c->cache_limit, "3M");
	c = as_command(WORDS("l", "--cache=build", "--by-build-id", "--", "a", "b"));
	assert_null(c->problem);
	assert_int_equal(c->mode, MODE_CACHE_BUILD);
	assert_true(c->cache_by_build_id && !c->cache_system);
	assert_string_equal(c->program, "a");
	assert_string_equal(c->argv[1], "b");
	assert_int_equal(as_command(WORDS("l", "--cache", "disable"))->mode, MODE_CACHE_DISABLE);
	assert_int_equal(as_command(WORDS("l", "--cache", "list"))->mode, MODE_CACHE_LIST);
	assert_int_equal(as_command(WORDS("l", "--cache", "verify"))->mode, MODE_CACHE_VERIFY);
	assert_int_equal(as_command(WORDS("l", "--cache", "clear"))->mode, MODE_CACHE_CLEAR);
	assert_int_equal(as_command(WORDS("l", "--cache", "why", "p"))->mode, MODE_CACHE_WHY);
	assert_null(made.config.problem);
}

static void dashes_end_options(void **state)
{
	struct config *c = as_command(WORDS("l", "--maps", "--", "--list", "--"));

	(void)state;
	assert_null(c->problem);
	assert_int_equal(c->mode, MODE_RUN);
	assert_vector(c, WORDS("--list", "--"), WORDS("HOME=/", "LD_LIBRARY_PATH=/env", "LAST=1"));
}

static void assert_problem(const struct config *c, const char *what, const char *word)
{
	assert_string_equal(c->problem, what);
	if (word)
		assert_string_equal(c->problem_word, word);
	else
		assert_null(c->problem_word);
}

static void problems_are_named(void **state)
{
	(void)state;
	assert_problem(as_command(WORDS("l")), "missing program name", NULL);
	assert_problem(as_command(WORDS("l", "--list")), "missing program name", NULL);
	assert_problem(as_command(WORDS("l", "--")), "missing program name", NULL);
	assert_problem(as_command(WORDS("l", "--nope", "p")), "unrecognized option", "--nope");
	assert_problem(as_command(WORDS("l", "-l", "p")), "unrecognized option", "-l");
	assert_problem(
		as_command(WORDS("l", "--listing", "p")), "unrecognized option", "--listing");
	assert_problem(as_command(WORDS("l", "--lis", "p")), "unrecognized option", "--lis");
	assert_problem(
		as_command(WORDS("l", "--maps=1", "p")), "option takes no value", "--maps=1");
	assert_problem(as_command(WORDS("l", "--preload")), "option needs a value", "--preload");
	assert_problem(as_command(WORDS("l", "--audit")), "option needs a value", "--audit");
	assert_problem(as_command(WORDS("l", "--cache")), "option needs a value", "--cache");
	assert_problem(as_command(WORDS("l", "--cache", "frob")), "--cache: unknown word", "frob");
	assert_problem(as_command(WORDS("l", "--cache", "build")), "missing program name", NULL);
	assert_problem(
		as_command(WORDS("l", "--cache", "list", "p")), "--cache: one word too many", "p");
	assert_problem(as_command(WORDS("l", "--system", "p")), "option needs --cache", "--system");
	assert_problem(as_command(WORDS("l", "--cache", "why", "--by-build-id", "p")),
		"option needs --cache build", "--by-build-id");
	assert_problem(as_command(WORDS("l", "--cache", "clear", "--limit", "1M")),
		"option needs --cache enable", "--limit");
	assert_problem(
		read_vector(WORDS(NULL), WORDS("A=1"), SELF, 0), "missing program name", NULL);
}

/* ---- environment ---- */

static void variables_are_read(void **state)
{
	struct config *c = as_interp(WORDS("LD_LIBRARY_PATH=/x:/y", "LD_PRELOAD=a.so",
		"LD_BIND_NOW=1", "LD_DEBUG_OUTPUT=/tmp/out", "LD_TRACE_LOADED_OBJECTS=1",
		"LD_SHOW_AUXV=1", "LD_BIND_NOT=1", "LD_DYNAMIC_WEAK=1", "LD_ORIGIN_PATH=/o"));

	(void)state;
	assert_string_equal(c->library_path, "/x:/y");
	assert_string_equal(c->preload, "a.so");
	assert_string_equal(c->debug_output, "/tmp/out");
	assert_true(c->bind_now && c->show_auxv && c->bind_not && c->dynamic_weak);
	assert_string_equal(c->origin_path, "/o");
	assert_null(c->secure_preload);
	assert_int_equal(c->mode, MODE_TRACE);
	assert_string_equal(fake.written[2], "");
}

static void profile_is_warned_of(void **state)
{
	struct config *c = as_interp(WORDS("LD_AUDIT=/a.so:b.so", "LD_PROFILE=x", "LD_VERBOSE=1"));

	(void)state;
	assert_null(c->problem);
	assert_int_equal(c->mode, MODE_RUN);
	assert_string_equal(c->audit, "/a.so:b.so");
	assert_string_equal(fake.written[2],
		"myld.so: warning: LD_PROFILE is not supported: there is no profile of \"x\"\n");
	c = as_command(WORDS("l", "--audit", "a.so", "p"));
	assert_string_equal(c->audit_option, "a.so");
}

static void empty_variables_mean_nothing(void **state)
{
	struct config *c = as_interp(WORDS("LD_LIBRARY_PATH=", "LD_PRELOAD=", "LD_BIND_NOW=",
		"LD_DEBUG=", "LD_TRACE_LOADED_OBJECTS=", "LD_SHOW_AUXV=", "LD_LIBRARY_PATHS=/x",
		"LD_BIND_NOW", "LD_"));

	(void)state;
	assert_null(c->library_path);
	assert_null(c->library_path_from);
	assert_null(c->preload);
	assert_false(c->bind_now || c->show_auxv);
	assert_int_equal(c->debug, 0);
	assert_int_equal(c->mode, MODE_RUN);
}

static void getenv_matches_whole_names(void **state)
{
	struct config *c = as_interp(WORDS("PATHS=1", "PAT=2", "PATH", "PATH=/bin", "PATH=/sbin"));

	(void)state;
	assert_string_equal(config_getenv(c, "PATH"), "/bin");
	assert_null(config_getenv(c, "P"));
	assert_null(config_getenv(c, "NONE"));
}

static void debug_words(void **state)
{
	(void)state;
	assert_int_equal(as_interp(WORDS("LD_DEBUG=libs"))->debug, DEBUG_LIBS);
	assert_int_equal(as_interp(WORDS("LD_DEBUG=libs,files:reloc symbols,,"))->debug,
		DEBUG_LIBS | DEBUG_FILES | DEBUG_RELOC | DEBUG_SYMBOLS);
	assert_int_equal(
		as_interp(WORDS("LD_DEBUG=bindings,versions,scopes,statistics,steps,maps"))->debug,
		DEBUG_BINDINGS | DEBUG_VERSIONS | DEBUG_SCOPES | DEBUG_STATISTICS | DEBUG_STEPS |
			DEBUG_MAPS);
	assert_int_equal(
		as_interp(WORDS("LD_DEBUG=tls security"))->debug, DEBUG_TLS | DEBUG_SECURITY);
	assert_int_equal(as_interp(WORDS("LD_DEBUG=all"))->debug, DEBUG_ALL);
	assert_int_equal(as_interp(WORDS("LD_DEBUG=help"))->mode, MODE_DEBUG_HELP);
	assert_string_equal(fake.written[2], "");
}

static void unknown_debug_words_are_named(void **state)
{
	struct config *c = as_interp(WORDS("LD_DEBUG=lib,libs"));

	(void)state;
	assert_int_equal(c->debug, DEBUG_LIBS);
	assert_string_equal(fake.written[2],
		"myld.so: warning: LD_DEBUG: unknown word \"lib\"; known are libs, files, reloc, "
		"symbols, "
		"bindings, versions, scopes, statistics, steps, maps, tls, security, all, unused, "
		"help\n");
}

/* ---- secure mode ---- */

static void secure_removes_the_unsafe(void **state)
{
	struct config *c = read_vector(WORDS("prog"),
		WORDS("LD_PRELOAD=x", "LD_PRELOAD=y", "HOME=/", "LD_LIBRARY_PATH=/x", "LD_AUDIT=x",
			"LD_DEBUG=all", "LD_BIND_NOW=1", "LD_SHOW_AUXV=1",
			"LD_TRACE_LOADED_OBJECTS=1", "LD_NEW_ONE=1", "GCONV_PATH=x",
			"GETCONF_DIR=x", "GLIBC_TUNABLES=x", "HOSTALIASES=x", "LOCALDOMAIN=x",
			"LOCPATH=x", "MALLOC_TRACE=x", "MALLOC_CHECK_=1", "NIS_PATH=x", "NLSPATH=x",
			"RESOLV_HOST_CONF=x", "RES_OPTIONS=x", "TMPDIR=x", "TZDIR=x", "TMPDIR",
			"TMPDIRS=kept", "LDX=kept", "TZ=kept", "LD_ORIGIN_PATH=x", "MYLD_CACHE=off",
			"MYLD_NO_SYSTEM_LOADER=1"),
		OTHER, 1);

	(void)state;
	assert_vector(c, WORDS("prog"), WORDS("HOME=/", "TMPDIRS=kept", "LDX=kept", "TZ=kept"));
	assert_true(c->secure);
	assert_null(c->library_path);
	assert_null(c->preload);
	assert_null(c->origin_path);
	assert_string_equal(c->secure_preload, "x");
	assert_int_equal(c->debug, 0);
	assert_int_equal(c->mode, MODE_RUN);
	assert_false(c->bind_now || c->show_auxv);
	assert_string_equal(fake.written[2], "");
}

static void secure_is_no_command(void **state)
{
	struct config *c =
		read_vector(WORDS("myld.so", "--library-path", "/x", "p"), WORDS("A=1"), SELF, 1);

	(void)state;
	assert_non_null(c->problem);
	assert_null(c->library_path);
	assert_null(c->program);
}

/* ---- tunables that concern the loading ---- */

#define SECURE "glibc.rtld.enable_secure"

static void secure_at_request(void **state)
{
	struct config *c = read_vector(WORDS("myld.so", "--library-path", "/x", "p"),
		WORDS("LD_PRELOAD=x", "GLIBC_TUNABLES=a=:" SECURE "=1", "A=1"), SELF, 0);

	(void)state;
	assert_true(c->secure);
	assert_null(c->problem);
	assert_string_equal(c->library_path, "/x");
	assert_null(c->preload);
	assert_string_equal(c->secure_preload, "x");
	assert_vector(c, WORDS("p"), WORDS("A=1"));
}

static void secure_at_no_request(void **state)
{
	static const char *const lists[] = {"GLIBC_TUNABLES=" SECURE "=0", "GLIBC_TUNABLES=" SECURE,
		"GLIBC_TUNABLES=" SECURE "=1:" SECURE "=0", "GLIBC_TUNABLES=" SECURE "=1x",
		"GLIBC_TUNABLES=" SECURE "=1:b=1=2", "GLIBC_TUNABLES=" SECURE "=1:b",
		"GLIBC_TUNABLES=x" SECURE "=1", "GLIBC_TUNABLES="};

	(void)state;
	for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
		assert_false(as_interp(WORDS(lists[i]))->secure);
}

static void low_at_request(void **state)
{
	(void)state;
	assert_true(as_interp(WORDS("LD_PREFER_MAP_32BIT_EXEC=1"))->map_low);
	assert_true(as_interp(WORDS("GLIBC_TUNABLES=glibc.cpu.prefer_map_32bit_exec=1"))->map_low);
	assert_false(as_interp(WORDS("GLIBC_TUNABLES=glibc.cpu.prefer_map_32bit_exec=0"))->map_low);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(interp_changes_nothing),
		cmocka_unit_test(auxv_is_read),
		cmocka_unit_test(auxv_is_written),
		cmocka_unit_test(command_is_shifted),
		cmocka_unit_test(argv0_replaces_the_name),
		cmocka_unit_test(values_both_ways),
		cmocka_unit_test(modes),
		cmocka_unit_test(words_of_cache),
		cmocka_unit_test(dashes_end_options),
		cmocka_unit_test(problems_are_named),
		cmocka_unit_test(variables_are_read),
		cmocka_unit_test(profile_is_warned_of),
		cmocka_unit_test(empty_variables_mean_nothing),
		cmocka_unit_test(getenv_matches_whole_names),
		cmocka_unit_test(debug_words),
		cmocka_unit_test(unknown_debug_words_are_named),
		cmocka_unit_test(secure_removes_the_unsafe),
		cmocka_unit_test(secure_is_no_command),
		cmocka_unit_test(secure_at_request),
		cmocka_unit_test(secure_at_no_request),
		cmocka_unit_test(low_at_request),
	};

	return cmocka_run_group_tests(tests, NULL, forget_vector);
}

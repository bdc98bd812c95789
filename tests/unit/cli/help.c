/* help.c: what the loader says of itself. */
#include "cli/help.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include "lib/fake_sys.h"
#include "lib/vector.h"
#include "state/libc.h"
#include "state/loader.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

static const struct libc_abi abi_none = {
	.name = "free", .paths = {"/lib:/usr/lib", DEBIAN_LIB}, .cache_file = "/etc/cache"};
static const struct libc_abi abi_musl = {
	.name = "musl", .paths = {"/lib", DEBIAN_LIB}, .path_file = "/etc/musl.path"};
/* As LIBC_ABI() does, in an order that is known. */
static const struct libc_abi *const both[]
	__attribute__((section("libc_abis"), used)) = {&abi_none, &abi_musl};

/* A loader whose configuration is read from the words. */
static struct loader *loader_of(const char *const *words)
{
	static struct loader ld;

	ld.config = *as_command(words);
	return &ld;
}

static void assert_printed(const char *text)
{
	if (!strstr(fake.written[1], text))
		fail_msg("'%s' is not in:\n%s", text, fake.written[1]);
}

static void help_names_everything(void **state)
{
	static const char names[][32] = {"--list ", "--verify ", "--library-path PATH ",
		"--preload LIST ", "--argv0 TEXT ", "--inhibit-rpath LIST ", "--inhibit-cache ",
		"--glibc-hwcaps-prepend LIST ", "--glibc-hwcaps-mask LIST ", "--audit LIST ",
		"--no-system-loader ", "--exec-system-loader ", "--list-tunables ",
		"--list-glibc FILE ", "--learn-glibc FILE ", "-o FILE ", "--list-diagnostics ", "--maps ", "--lazy ", "--help ",
		"--version ", "LD_LIBRARY_PATH ", "LD_PRELOAD ", "LD_BIND_NOW ", "LD_BIND_NOT ",
		"LD_DYNAMIC_WEAK ", "LD_ORIGIN_PATH ", "LD_DEBUG ", "LD_DEBUG_OUTPUT ",
		"LD_TRACE_LOADED_OBJECTS ", "LD_SHOW_AUXV ", "LD_AUDIT ", "LD_VERBOSE ", "LD_WARN ",
		"LD_PROFILE ", "LD_PROFILE_OUTPUT ", "LD_HWCAP_MASK ", "--cache WORD ", "--system ",
		"--limit SIZE ", "--by-build-id ", "enable ", "disable ", "list ", "verify ",
		"clear ", "build PROGRAM... ", "why PROGRAM ", "MYLD_CACHE ",
		"MYLD_NO_SYSTEM_LOADER "};

	(void)state;
	help_print_help(loader_of(WORDS("l", "--help")));
	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		assert_printed(names[i]);
	for (const char *line = fake.written[1]; *line; line = strchr(line, '\n') + 1)
		assert_true(strchr(line, '\n') - line <= 80);
}

static void help_prints_the_search(void **state)
{
	(void)state;
	struct loader *ld = loader_of(
		WORDS("l", "--glibc-hwcaps-prepend", "mine", "--library-path", "/a;/b:", "--help"));

	help_print_help(ld);
	assert_printed("libc: free\n  /a (--library-path)\n  /b (--library-path)\n"
		       "  . (--library-path)\n"
		       "  (libraries listed in /etc/cache)\n"
		       "  /lib (default directory)\n  /usr/lib (default directory)\n");
	assert_printed("libc: musl\n  /a (--library-path)\n  /b (--library-path)\n"
		       "  . (--library-path)\n"
		       "  (directories listed in /etc/musl.path, or else)\n"
		       "  /lib (default directory)\n");
	assert_printed("\n  mine (searched)\n");
	ld->config.inhibit_cache = true;
	fake.written[1][0] = 0;
	help_print_help(ld);
	assert_null(strstr(fake.written[1], "/etc/cache"));
}

static void diagnostics_are_keys(void **state)
{
	(void)state;
	help_print_diagnostics(loader_of(WORDS("l", "--list-diagnostics")));
	assert_printed("version.myld=\"" MYLD_VERSION "\"\n");
	assert_printed("dl_dst_lib=\"lib/" ARCH_MULTIARCH "\"\n");
	assert_printed("path.system_dirs[\"musl\"]=\"/lib\"\n");
	assert_printed("auxv[0x0].a_type=0x6\nauxv[0x0].a_val=0x1000\n");
}

static void version_and_debug_help(void **state)
{
	(void)state;
	fake_reset();
	help_print_version();
	assert_string_equal(fake.written[1], "myld.so " MYLD_VERSION " for " ARCH_NAME
					     "; runs programs with libc: free, musl\n");
	fake_reset();
	help_print_debug_help();
	assert_non_null(strstr(fake.written[1], "\n  libs "));
	assert_non_null(strstr(fake.written[1], "\n  help "));
}

static void auxv_is_shown(void **state)
{
	struct config *c = as_interp(WORDS("A=1"));

	(void)state;
	c->auxv[7].a_type = 0xfe; /* was AT_HWCAP */
	help_print_auxv(c);
	assert_string_equal(fake.written[1], "AT_PAGESZ:            4096\n"
					     "AT_PHDR:              0x40\n"
					     "AT_PHNUM:             7\n"
					     "AT_ENTRY:             0x2000\n"
					     "AT_SECURE:            0\n"
					     "AT_EXECFN:            ./execfn\n"
					     "AT_RANDOM:            0x99\n"
					     "AT_??? (0xfe): 0xbeef\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(help_names_everything),
		cmocka_unit_test(help_prints_the_search),
		cmocka_unit_test(diagnostics_are_keys),
		cmocka_unit_test(version_and_debug_help),
		cmocka_unit_test(auxv_is_shown),
	};

	return cmocka_run_group_tests(tests, NULL, forget_vector);
}

/* cli.c: carries out the options at the right step of a start; see cli.h. */
#include "cli/cli.h"
#include "base/sys.h"
#include "cli/cache/commands.h"
#include "cli/help.h"
#include "cli/listing.h"
#include "cli/show.h"
#include "load/exe_link.h"
#include "state/libc.h"
#include "state/words.h"

/* Exit codes, as ld.so's: of a command line that is not understood; of --verify. */
enum { USAGE = 1, VERIFY_NO = 1, VERIFY_NO_INTERP = 2 };

/* Ends the process with the result of a command: an exit code, or -1 (reported). */
static _Noreturn void finish(struct loader *ld, int result)
{
	if (result < 0)
		loader_die(ld);
	sys_exit(result);
}

static _Noreturn void reject_command_line(const struct config *c)
{
	const char *self = c->argc ? c->argv[0] : "myld.so";

	if (c->problem_usage) {
		print(2, "%s: %s%s%s%s\nTry '%s --help' for more information.\n", self, c->problem,
			c->problem_word ? " '" : "", c->problem_word ? c->problem_word : "",
			c->problem_word ? "'" : "", self);
		sys_exit(USAGE);
	}
	print(2, "myld.so: %s%s%s (--help lists the options)\n", c->problem,
		c->problem_word ? ": " : "", c->problem_word ? c->problem_word : "");
	sys_exit(EXIT_LOADER);
}

/* Chooses glibc, for an option that has no program.  -1: this loader does not support it. */
static int choose_glibc(struct loader *ld, const char *option)
{
	const struct libc_abi *abi = abi_of("libc.so.6");

	if (!abi)
		return fail(ld, "%s: glibc is not supported on this machine", option);
	ld->abi = abi;
	return 0;
}

/* Lists the tunables of the installed libc.so.6. */
static int list_tunables(struct loader *ld)
{
	return choose_glibc(ld, "--list-tunables") < 0 ? -1 : ld->abi->list_tunables(ld);
}

static int list_glibc(struct loader *ld)
{
	return choose_glibc(ld, "--list-glibc") < 0 ? -1
						    : ld->abi->list_builds(ld, ld->config.program);
}

static int learn_glibc(struct loader *ld)
{
	if (choose_glibc(ld, "--learn-glibc") < 0)
		return -1;
	if (!ld->abi->learn_build)
		return fail(ld, "--learn-glibc: not supported on %s", ARCH_NAME);
	return ld->abi->learn_build(ld, ld->config.program, ld->config.output);
}

void cli_answer(struct loader *ld)
{
	const struct config *c = &ld->config;

	if (c->problem)
		reject_command_line(c);
	switch (c->mode) {
	case MODE_HELP: help_print_help(ld); sys_exit(0);
	case MODE_VERSION: help_print_version(); sys_exit(0);
	case MODE_DEBUG_HELP: help_print_debug_help(); sys_exit(0);
	case MODE_LIST_DIAGNOSTICS:
		help_print_diagnostics(ld);
		cache_print_diagnostics(ld);
		sys_exit(0);
	case MODE_LIST_TUNABLES: finish(ld, list_tunables(ld));
	case MODE_LIST_GLIBC: finish(ld, list_glibc(ld));
	case MODE_LEARN_GLIBC: finish(ld, learn_glibc(ld));
	case MODE_CACHE_ENABLE:
	case MODE_CACHE_DISABLE:
	case MODE_CACHE_LIST:
	case MODE_CACHE_VERIFY:
	case MODE_CACHE_CLEAR: finish(ld, cache_command(ld));
	case MODE_CACHE_BUILD: cache_each_program(ld); break;
	case MODE_RUN:
	case MODE_LIST:
	case MODE_TRACE:
	case MODE_VERIFY:
	case MODE_CACHE_WHY: break;
	}
	if (c->show_auxv)
		help_print_auxv(c);
}

/* Ends --list and --cache for a static program, which has no libraries. */
static _Noreturn void answer_static(struct loader *ld)
{
	if (!config_lists(ld->config.mode)) {
		fail(ld, "%s: static program: nothing to cache", ld->program->path);
		loader_die(ld);
	}
	print(1, "\tstatically linked\n");
	sys_exit(0);
}

void cli_must_load(const struct loader *ld, int loaded)
{
	if (loaded < 0 && ld->config.mode == MODE_VERIFY)
		sys_exit(VERIFY_NO);
	if (loaded < 0)
		loader_die(ld);
}

/* What --verify says of a program that could be loaded: ldd(1) goes by it. */
static int verdict(const struct loader *ld)
{
	const struct dso *d = ld->program;

	return !d->map->l_ld ? VERIFY_NO : d->interp ? 0 : VERIFY_NO_INTERP;
}

/* Tells of a libc whose build is not known, if there is one: whose loader would run the program, or why
 * it can't (-1). */
static int tell_libc(struct loader *ld)
{
	int r = ld->abi->identify ? ld->abi->identify(ld) : 0;

	if (r)
		words_print_remarks(ld);
	diag_clear(&ld->diag);
	return r < 0 ? -1 : 0;
}

/* Tells of a program that will not find itself by /proc/self/exe, to who asks for more than ld.so says. */
static void tell_exe(const struct loader *ld)
{
	const char *path = ld->program->path;
	int fd = ld->config.command && ld->config.verbose ? sys_open(path) : -1, e;
	char link[256] = "";
	long n;

	if (fd < 0)
		return;
	e = exe_link_allowed(ld, fd);
	n = sys_readlink("/proc/self/exe", link, sizeof link - 1);
	if (e < 0 && n > 0)
		print(1, "%s: /proc/self/exe will be %s, not the program: %s\n", path, link,
			errno_text(e));
	sys_close(fd);
}

static int verify(struct loader *ld)
{
	int result = tell_libc(ld) < 0 ? VERIFY_NO : verdict(ld);

	if (!result)
		tell_exe(ld);
	return result;
}

void cli_program(struct loader *ld)
{
	enum mode mode = ld->config.mode;

	if (mode == MODE_RUN)
		return;
	if (mode == MODE_VERIFY)
		sys_exit(verify(ld));
	if (dso_is_static(ld->program))
		answer_static(ld);
	if (mode == MODE_CACHE_WHY)
		finish(ld, cache_why(ld));
	if (mode == MODE_CACHE_BUILD && cache_build(ld) < 0)
		loader_die(ld);
}

/* Whether nothing else failed than that libraries were not found, which the list tells. */
static bool only_missing(const struct loader *ld)
{
	for (const struct diag_line *l = ld->diag.first; l; l = l->next)
		if (l->about != ABOUT_ABSENCE)
			return false;
	return ld->missing && !ld->diag.spare[0];
}

void cli_libraries(struct loader *ld, int loaded)
{
	int result;

	if (!config_lists(ld->config.mode))
		return;
	if (loaded < 0 && !only_missing(ld))
		loader_die(ld);
	if (ld->config.mode == MODE_TRACE)
		diag_clear(&ld->diag);
	result = list_libraries(ld);
	if (ld->config.mode == MODE_LIST && result >= 0)
		result = tell_libc(ld) < 0 ? EXIT_LOADER : result;
	finish(ld, result);
}

void cli_ready(struct loader *ld)
{
	if (ld->config.mode == MODE_CACHE_BUILD)
		finish(ld, cache_built(ld));
	show_start(ld);
}

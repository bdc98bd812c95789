/* system_loader.c: a program with a build of glibc that this loader does not know is run by that
 * build's own ld-linux, the file beside libc.so.6.
 *
 * That of the program's PT_INTERP may be another version's, which can't run this libc.
 */
#include "libc/glibc/glibc.h"

#include "base/mem.h"
#include "libc/glibc/ldlinux.h"
#include "load/hand_over.h"

enum { OPTIONS = 8 };

/* The command line and environment of ld-linux. */
struct command {
	struct loader *ld;
	const struct ldlinux *file;
	char **argv, **envp;
	size_t argc;
};

/* Adds an option with its value, if there is one.  false: that ld-linux has no such option. */
static bool add_option(struct command *c, const char *option, const char *value)
{
	if (!value)
		return true;
	if (!ldlinux_has_string(c->file, option)) {
		if (c->ld->diag.debug)
			diag_debug(&c->ld->diag, "%s: has no option %s", c->file->dso.path, option);
		return false;
	}
	c->argv[c->argc++] = (char *)option;
	c->argv[c->argc++] = (char *)value;
	return true;
}

/* --preload, which there is since 2.30. */
static int add_preload(struct command *c)
{
	const struct config *config = &c->ld->config;
	const char *before = config->preload ? config->preload : "";
	size_t n;
	char *both;

	if (add_option(c, "--preload", config->preload_option))
		return 0;
	n = strlen(before) + strlen(config->preload_option) + sizeof ":";
	both = arena_alloc(&c->ld->scratch, n);
	if (!both)
		return fail(c->ld, "LD_PRELOAD: no memory for the environment");
	format(both, n, "%s%s%s", before, *before ? ":" : "", config->preload_option);
	c->envp = hand_over_setenv(c->ld, c->envp, "LD_PRELOAD", both);
	return c->envp ? 0 : -1;
}

/* A path by which another process image finds the program, in the scratch arena; NULL: no memory
 * (reported). */
static char *find_program(struct loader *ld)
{
	const char *name = ld->program->path;
	size_t size = strlen(name) + PATH_LIMIT;
	char *path = arena_alloc(&ld->scratch, size);
	long n = -1;

	if (!path) {
		fail(ld, "%s: no memory for its path", name);
		return NULL;
	}
	if (!ld->config.command)
		n = sys_readlink("/proc/self/exe", path, size - 1);
	if (n > 0 && path[0] == '/')
		path[n] = 0;
	else
		/* ld-linux would take a name with a hyphen for an option. */
		format(path, size, "%s%s", name[0] == '-' ? "./" : "", name);
	return path;
}

static int make_command(struct command *c, const char *path, char *program)
{
	const struct config *config = &c->ld->config;

	c->envp = config->envp;
	c->argv = arena_alloc(
		&c->ld->scratch, ((size_t)config->argc + 2 * OPTIONS + 3) * sizeof *c->argv);
	if (!c->argv)
		return fail(c->ld, "%s: no memory for its arguments", path);
	c->argv[c->argc++] = (char *)path;
	add_option(c, "--library-path", config->library_path);
	add_option(c, "--inhibit-rpath", config->inhibit_rpath);
	add_option(c, "--glibc-hwcaps-prepend", config->hwcaps_prepend);
	add_option(c, "--glibc-hwcaps-mask", config->hwcaps_mask);
	add_option(c, "--audit", config->audit_option);
	if (config->inhibit_cache)
		c->argv[c->argc++] = "--inhibit-cache";
	if (add_preload(c) < 0)
		return -1;
	if (config->argc && strcmp(config->argv[0], program))
		add_option(c, "--argv0", config->argv[0]);
	c->argv[c->argc++] = program;
	for (int i = 1; i < config->argc; i++)
		c->argv[c->argc++] = config->argv[i];
	return 0;
}

static int hand_over(struct loader *ld, const struct ldlinux *f)
{
	struct command c = {.ld = ld, .file = f};
	char *program = find_program(ld);

	if (!program || make_command(&c, f->dso.path, program) < 0)
		return -1;
	return hand_over_to(ld, f->dso.path, c.argv, c.envp);
}

/* Reads the ld-linux beside libc.  A failure is no message of its own: it belongs to that about the
 * build. */
static int open_beside(struct loader *ld, const struct dso *libc, struct ldlinux *f)
{
	const struct diag before = ld->diag;
	const struct diag_line *last;

	if (ldlinux_open_beside(ld, f, libc) == 0)
		return 0;
	last = ld->diag.last;
	diag_return(&ld->diag, &before);
	if (last)
		fail_further(ld, "%s", last->text);
	return fail_further(ld, "%s: no ld-linux beside it can run the program", libc->path);
}

int glibc_hand_over(struct loader *ld, const struct dso *libc)
{
	const char *why = hand_over_forbidden(ld);
	struct ldlinux f;

	if (open_beside(ld, libc, &f) < 0)
		return -1;
	if (why)
		return fail_further(
			ld, "%s: this glibc's own loader does not run it: %s", f.dso.path, why);
	if (ld->config.mode == MODE_RUN) {
		glibc_warn_layout_file(ld, libc);
		return hand_over(ld, &f);
	}
	fail_further(ld, "%s: this glibc's own loader would run it", f.dso.path);
	return 1;
}

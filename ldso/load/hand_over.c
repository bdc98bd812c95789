/* hand_over.c: gives the process to another loader; see hand_over.h.
 *
 * The other loader opens the program by its path.  In secure mode that may be another file by then,
 * since the caller, who may have hard links to set-user-ID programs, can replace what is at a path: it
 * would run with the program's privileges.  Privileges that come from the file's capabilities would be
 * lost.  So nothing is handed over in secure mode.
 */
#include "load/hand_over.h"

#include "base/mem.h"
#include "search/fit.h"

/* Set for what the kernel runs to the process id, which execve() keeps: if the kernel has this very
 * loader as the interpreter of such programs (binfmt_misc), the second one finds it and refuses. */
#define GUARD "MYLD_HANDED_OVER"

const char *hand_over_forbidden(const struct loader *ld)
{
	if (ld->config.secure)
		return "not in secure mode (AT_SECURE), where the program might be replaced by "
		       "then";
	if (ld->config.no_system_loader)
		return "not with --no-system-loader or MYLD_NO_SYSTEM_LOADER";
	return NULL;
}

static bool is_variable(const char *entry, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(entry, name, n) && entry[n] == '=';
}

char **hand_over_setenv(struct loader *ld, char **envp, const char *name, const char *value)
{
	size_t count = 0, used = 0, n = strlen(name) + strlen(value) + sizeof "=";
	char **copy, *entry;

	while (envp[count])
		count++;
	copy = arena_alloc(&ld->scratch, (count + 2) * sizeof *copy);
	entry = arena_alloc(&ld->scratch, n);
	if (!copy || !entry) {
		fail(ld, "%s: no memory for the environment", name);
		return NULL;
	}
	format(entry, n, "%s=%s", name, value);
	for (; *envp; envp++)
		if (!is_variable(*envp, name))
			copy[used++] = *envp;
	copy[used] = entry;
	return copy;
}

int hand_over_to(struct loader *ld, const char *path, char **argv, char **envp)
{
	long e;

	if (ld->diag.debug)
		diag_debug(&ld->diag, "%s: handed over to %s", ld->program->path, path);
	e = sys_execve(path, argv, envp);
	return fail_further(ld, "%s: cannot be executed: %s", path, errno_text(e));
}

/* ---- Programs of other machines and classes ---- */

/* Whether the header is one of the other class, of an x32 program for example, and not just a damaged one of
 * this class: both state the size of their program headers, at different places. */
static bool is_other_class(const void *head)
{
	const Elf32_Ehdr *e = head;

	return e->e_ident[EI_CLASS] == ELFCLASS32 && e->e_ehsize == sizeof *e &&
	       e->e_phentsize == sizeof(Elf32_Phdr);
}

static bool is_foreign(const struct found *program)
{
	unsigned char head[sizeof(Elf_Ehdr)];
	long n = sys_pread(program->fd, head, sizeof head, 0);
	const Elf_Ehdr *e = (const Elf_Ehdr *)head;
	struct unfit why;

	/* e_machine, whose place is the same in both classes, decides for the kernel as well. */
	return n == sizeof head && !fit_check(head, (size_t)n, &why) && why.foreign &&
	       (e->e_machine != ARCH_MACHINE || is_other_class(head));
}

static char **environment_of_foreign(struct loader *ld)
{
	const struct config *c = &ld->config;
	char pid[24], **envp;

	format(pid, sizeof pid, "%ld", sys_getpid());
	envp = hand_over_setenv(ld, c->envp, GUARD, pid);
	if (envp && c->library_path)
		envp = hand_over_setenv(ld, envp, "LD_LIBRARY_PATH", c->library_path);
	if (envp && c->preload_option)
		envp = hand_over_setenv(ld, envp, "LD_PRELOAD", c->preload_option);
	return envp;
}

/* Whether this process is one that was handed over. */
static bool is_guarded(const struct config *c)
{
	const char *guard = config_getenv(c, GUARD);
	char pid[24];

	format(pid, sizeof pid, "%ld", sys_getpid());
	return guard && !strcmp(guard, pid);
}

int hand_over_foreign(struct loader *ld, const struct found *program)
{
	const char *why = hand_over_forbidden(ld);
	char **envp;

	if (ld->config.mode != MODE_RUN || !is_foreign(program))
		return -1;
	if (!why && is_guarded(&ld->config))
		why = "it runs such programs by this loader";
	if (why)
		return fail_further(ld,
			"%s: of another machine or class, and not handed over to the kernel: %s",
			program->path, why);
	envp = environment_of_foreign(ld);
	return envp ? hand_over_to(ld, program->path, ld->config.argv, envp) : -1;
}

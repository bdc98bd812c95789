/* specimen.c (x86_64): runs an ld-linux under ptrace(2); see specimen.h. */
#include "libc/glibc/x86_64/learn/specimen.h"

#include <asm/unistd.h>
#include <linux/ptrace.h>

#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "symbol/symbol.h"

#define TRACEME       0 /* requests and options that <linux/ptrace.h> has under the same names */
#define SYSCALL_STOP  24
#define SETOPTIONS    0x4200
#define SYSCALL_INFO  0x420e
#define OPTIONS       (0x1 | 0x100000) /* system calls are told from signals; ends with us */
#define SIGTRAP       5
#define STOPPED       0x7f
#define SET_FS        0x1002 /* of arch_prctl(2) */
#define CALLS_LIMIT   20000
#define SECONDS_LIMIT 10
#define AUXV_LIMIT    64
#define MINSIGSTKSZ   51
#define RSEQ_FEATURES 27

/* ---- The process ---- */

static _Noreturn void become(const char *path, char **argv)
{
	char *none[] = {NULL};

	for (int fd = 0; fd < 3; fd++)
		sys_close(fd);
	sys_limit_time(SECONDS_LIMIT);
	if (sys_ptrace(TRACEME, 0, 0, NULL) >= 0)
		sys_execve(path, argv, none);
	sys_exit(127);
}

/* Notes what a system call says of the process. */
static void note_call(struct specimen *s, const struct ptrace_syscall_info *info)
{
	const __u64 *a = info->entry.args;
	char first = 1;

	switch (info->entry.nr) {
	case __NR_arch_prctl:
		if (a[0] == SET_FS)
			s->thread_pointer = a[1];
		break;
	case __NR_set_tid_address: s->tid = a[0]; break;
	case __NR_set_robust_list: s->robust = a[0]; break;
	case __NR_rseq:
		s->rseq = a[0];
		s->rseq_size = a[1];
		break;
	case __NR_getrandom: s->renews_random |= a[0] == s->random; break;
	case __NR_newfstatat:
		if (specimen_read(s, a[1], &first, 1) && !first)
			s->fstat_by_path = true;
		break;
	}
}

/* Lets the process run to its next system call.  1: that one ends it; 0: there may be more; -1: it was
 * none. */
static int next_call(struct specimen *s)
{
	struct ptrace_syscall_info info = {0};
	int status = 0;

	if (sys_ptrace(SYSCALL_STOP, s->pid, 0, NULL) < 0 || sys_wait_status(s->pid, &status) < 0)
		return -1;
	if ((status & 0xff) != STOPPED || status >> 8 != (SIGTRAP | 0x80))
		return -1;
	if (sys_ptrace(SYSCALL_INFO, s->pid, sizeof info, &info) < 0)
		return -1;
	if (info.op != PTRACE_SYSCALL_INFO_ENTRY)
		return 0;
	note_call(s, &info);
	return info.entry.nr == __NR_exit_group && info.entry.args[0] == 0;
}

static int open_of(const struct specimen *s, const char *name)
{
	char path[48];

	format(path, sizeof path, "/proc/%ld/%s", s->pid, name);
	return sys_open(path);
}

/* Waits until the child has become ld-linux. */
static bool has_begun(struct specimen *s)
{
	int status = 0;

	if (sys_wait_status(s->pid, &status) < 0 || status != (SIGTRAP << 8 | STOPPED) ||
		sys_ptrace(SETOPTIONS, s->pid, 0, (void *)OPTIONS) < 0)
		return false;
	s->memory = open_of(s, "mem"); /* of what it has become */
	return s->memory >= 0;
}

static bool run_to_end(struct specimen *s)
{
	int r = 0;

	for (unsigned i = 0; i < CALLS_LIMIT && r == 0; i++)
		r = next_call(s);
	return r > 0;
}

bool specimen_read(const struct specimen *s, uintptr_t at, void *to, size_t n)
{
	return sys_pread(s->memory, to, n, at) == (long)n;
}

uintptr_t specimen_word(const struct specimen *s, uintptr_t at)
{
	uintptr_t word = 0;

	return specimen_read(s, at, &word, sizeof word) ? word : 0;
}

/* What the kernel told the process, which began as ld-linux. */
static bool read_auxv(struct specimen *s)
{
	Elf_Auxv auxv[AUXV_LIMIT] = {{0}};
	int fd = open_of(s, "auxv");
	long n = fd < 0 ? fd : sys_pread(fd, auxv, sizeof auxv - sizeof *auxv, 0);

	if (fd >= 0)
		sys_close(fd);
	for (const Elf_Auxv *a = auxv; n > 0 && a->a_type != AT_NULL; a++)
		switch (a->a_type) {
		case AT_PHDR: /* its own: it was started as a command */
			s->base = a->a_un.a_val - (uintptr_t)s->ldlinux->dso.phdr +
				  s->ldlinux->dso.base;
			break;
		case AT_RANDOM: s->random = a->a_un.a_val; break;
		case AT_PAGESZ: s->page = a->a_un.a_val; break;
		case AT_SYSINFO_EHDR: s->vdso = a->a_un.a_val; break;
		case AT_CLKTCK: s->clktck = a->a_un.a_val; break;
		case AT_HWCAP2: s->hwcap2 = a->a_un.a_val; break;
		case RSEQ_FEATURES: s->rseq_features = a->a_un.a_val; break;
		case MINSIGSTKSZ: s->frame = a->a_un.a_val; break;
		}
	return s->base && s->page && s->vdso;
}

/* ---- Its objects ---- */

uintptr_t specimen_symbol(
	struct loader *ld, const struct specimen *s, const char *name, size_t *size)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	w.newest = true;
	if (!symbol_in(ld, (struct dso *)&s->ldlinux->dso, &w, &def))
		return 0;
	if (size)
		*size = def.sym->st_size;
	return s->base + def.sym->st_value;
}

/* Reads what there is of a structure whose size is not known. */
static void read_prefix(const struct specimen *s, uintptr_t at, unsigned char *to, size_t n)
{
	size_t step = 64;

	for (size_t done = 0; done < n && specimen_read(s, at + done, to + done, step);)
		done += step;
}

/* The headers and the dynamic section, copied to the scratch arena; addresses stay the process'. */
static bool read_object(struct loader *ld, const struct specimen *s, struct specimen_map *m)
{
	Elf_Ehdr e;
	Elf_Phdr *p;

	m->dso.base = m->head.l_addr;
	if (m->is_vdso)
		m->dso.base = s->vdso;
	if (!specimen_read(s, m->dso.base, &e, sizeof e) || e.e_phentsize != sizeof *p ||
		!e.e_phnum || e.e_phnum > 64)
		return false;
	p = arena_alloc(&ld->scratch, e.e_phnum * sizeof *p);
	if (!p || !specimen_read(s, m->dso.base + e.e_phoff, p, e.e_phnum * sizeof *p))
		return false;
	m->dso.phdr = p;
	m->dso.phnum = e.e_phnum;
	m->dso.entry = e.e_entry ? m->dso.base + e.e_entry : 0;
	m->dso.start = m->dso.base + e.e_phoff; /* where the program headers are */
	return true;
}

static bool read_maps(struct loader *ld, struct specimen *s)
{
	uintptr_t debug = specimen_symbol(ld, s, "_r_debug", NULL);
	uintptr_t at = debug ? specimen_word(s, debug + offsetof(struct r_debug, r_map)) : 0;

	s->maps = arena_alloc(&ld->scratch, SPECIMEN_MAPS * sizeof *s->maps);
	for (; s->maps && at && s->nmaps < SPECIMEN_MAPS; s->nmaps++) {
		struct specimen_map *m = &s->maps[s->nmaps];
		char name[256] = "";

		m->at = at;
		read_prefix(s, at, m->bytes, sizeof m->bytes);
		memcpy(&m->head, m->bytes, sizeof m->head);
		read_prefix(s, (uintptr_t)m->head.l_name, (unsigned char *)name, sizeof name - 64);
		m->is_program = s->nmaps == 0;
		m->is_vdso = !strncmp(name, "linux-vdso", 10);
		if (!read_object(ld, s, m))
			return false;
		at = (uintptr_t)m->head.l_next;
	}
	return s->nmaps > 2 && !at;
}

/* ---- The whole ---- */

static bool is_file(const char *path)
{
	struct file_info info;

	return sys_stat(path, &info) >= 0;
}

/* The command: libm, if there is one, is an object more to look at. */
static char **make_command(struct loader *ld, const struct ldlinux *f, const struct dso *libc)
{
	size_t n = (size_t)(path_base(libc->path) - libc->path);
	char *dir = arena_alloc(&ld->scratch, n + 2);
	char *libm = arena_alloc(&ld->scratch, n + sizeof "libm.so.6");
	char **argv = arena_alloc(&ld->scratch, 8 * sizeof *argv), **arg = argv;

	if (!dir || !libm || !argv)
		return NULL;
	memcpy(dir, libc->path, n);
	if (!n)
		dir[0] = '.';
	memcpy(libm, libc->path, n);
	memcpy(libm + n, "libm.so.6", sizeof "libm.so.6");
	*arg++ = (char *)f->dso.path;
	*arg++ = (char *)"--library-path";
	*arg++ = dir;
	if (is_file(libm)) {
		*arg++ = (char *)"--preload";
		*arg++ = libm;
	}
	*arg++ = (char *)libc->path;
	return argv;
}

int specimen_start(
	struct loader *ld, struct specimen *s, const struct ldlinux *f, const struct dso *libc)
{
	char **argv = make_command(ld, f, libc);

	*s = (struct specimen){.ldlinux = f, .memory = -1};
	if (!argv)
		return fail(ld, "%s: no memory to run it", f->dso.path);
	s->pid = sys_fork();
	if (s->pid == 0)
		become(f->dso.path, argv);
	if (s->pid < 0)
		return fail(ld, "%s: cannot fork: %s", f->dso.path, errno_text(s->pid));
	if (has_begun(s) && read_auxv(s) && run_to_end(s) && read_maps(ld, s))
		return 0;
	specimen_end(s);
	return fail(ld, "%s: running it with %s under ptrace(2) failed", f->dso.path, libc->path);
}

void specimen_end(struct specimen *s)
{
	if (s->memory >= 0)
		sys_close(s->memory);
	sys_end_child(s->pid);
}

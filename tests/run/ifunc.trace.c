/* ifunc.trace.c: what a real ld.so puts into struct cpu_features on any processor.
 *
 *	ifunc.trace CPU LD.SO ADDRESS SIZE [SITE...]
 *
 * Runs ld.so with breakpoints on its CPUID and XGETBV instructions (SITE: their addresses in the
 * file) and answers them out of the file CPU (ifunc.cpus.h); "-" leaves them to this processor, and
 * counts.  When ld.so opens its program, cpu_features is complete: SIZE bytes at ADDRESS are
 * printed, and how many CPUID instructions there were.
 */
#define _GNU_SOURCE
#include <elf.h>
#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ifunc.cpus.h"

#define PROGRAM "/nonexistent"

struct site {
	unsigned long address, word; /* word: what lay there */
};

static struct site sites[512];
static unsigned nsites, asked;
static struct cpu_table table;
static bool native;

static void die(const char *what)
{
	fprintf(stderr, "ifunc.trace: %s: %s\n", what, strerror(errno));
	exit(2);
}

static unsigned long load_base(pid_t pid, const char *ldso)
{
	char path[64];
	Elf64_auxv_t aux;
	Elf64_Ehdr header;
	FILE *file = fopen(ldso, "r");

	if (!file || fread(&header, sizeof(header), 1, file) != 1)
		die(ldso);
	fclose(file);
	snprintf(path, sizeof(path), "/proc/%d/auxv", pid);
	file = fopen(path, "r");
	while (file && fread(&aux, sizeof(aux), 1, file) == 1)
		if (aux.a_type == AT_ENTRY) {
			fclose(file);
			return aux.a_un.a_val - header.e_entry;
		}
	die(path);
	return 0;
}

static void plant(pid_t pid, struct site *s)
{
	errno = 0;
	s->word = (unsigned long)ptrace(PTRACE_PEEKTEXT, pid, s->address, NULL);
	if (errno || ptrace(PTRACE_POKETEXT, pid, s->address, (s->word & ~0xffUL) | 0xcc))
		die("breakpoint");
}

/* The instruction at the breakpoint is CPUID (0f a2) or XGETBV (0f 01 d0). */
static void answer(pid_t pid, const struct site *s, struct user_regs_struct *regs)
{
	struct cpuid a;

	if ((s->word & 0xffff) == 0xa20f) {
		asked++;
		a = table_find(&table, regs->rax, regs->rcx);
		if (native)
			__asm__("cpuid"
				: "=a"(a.reg[0]), "=b"(a.reg[1]), "=c"(a.reg[2]), "=d"(a.reg[3])
				: "a"(regs->rax), "c"(regs->rcx));
		regs->rax = a.reg[0];
		regs->rbx = a.reg[1];
		regs->rcx = a.reg[2];
		regs->rdx = a.reg[3];
		regs->rip = s->address + 2;
	} else {
		if (native)
			__asm__("xgetbv" : "=a"(a.reg[0]), "=d"(a.reg[3]) : "c"(regs->rcx));
		regs->rax = native ? a.reg[0] : (uint32_t)table.xcr0;
		regs->rdx = native ? a.reg[3] : table.xcr0 >> 32;
		regs->rip = s->address + 3;
	}
	if (ptrace(PTRACE_SETREGS, pid, NULL, regs))
		die("registers");
}

static bool opens_program(pid_t pid, const struct user_regs_struct *regs)
{
	unsigned long name = regs->orig_rax == SYS_open ? regs->rdi : regs->rsi;
	char path[sizeof(PROGRAM)] = "";
	struct iovec here = {path, sizeof(path)}, there = {(void *)name, sizeof(path)};

	return (regs->orig_rax == SYS_openat || regs->orig_rax == SYS_open) &&
	       process_vm_readv(pid, &here, 1, &there, 1, 0) == sizeof(path) &&
	       !strcmp(path, PROGRAM);
}

/* Runs until ld.so is about to open its program. */
static void run(pid_t pid)
{
	struct user_regs_struct regs;
	unsigned i;
	int status;

	for (;;) {
		if (ptrace(PTRACE_SYSCALL, pid, NULL, NULL) || waitpid(pid, &status, 0) != pid ||
			!WIFSTOPPED(status) || ptrace(PTRACE_GETREGS, pid, NULL, &regs))
			die("ld.so ended");
		if (WSTOPSIG(status) == (SIGTRAP | 0x80)) {
			if (opens_program(pid, &regs))
				return;
			continue;
		}
		for (i = 0; i < nsites && sites[i].address != regs.rip - 1; i++)
			;
		if (WSTOPSIG(status) != SIGTRAP || i == nsites) {
			fprintf(stderr, "ifunc.trace: ld.so stopped by signal %d at %#llx\n",
				WSTOPSIG(status), regs.rip);
			exit(2);
		}
		answer(pid, &sites[i], &regs);
	}
}

static void print(pid_t pid, unsigned long address, size_t size)
{
	unsigned char bytes[4096];
	struct iovec here = {bytes, size}, there = {(void *)address, size};

	if (size > sizeof(bytes) || process_vm_readv(pid, &here, 1, &there, 1, 0) != (ssize_t)size)
		die("cpu_features");
	for (size_t i = 0; i < size; i++)
		printf("%02x", bytes[i]);
	printf("\ncpuid %u\n", asked);
}

int main(int argc, char **argv)
{
	unsigned long base;
	int status;
	pid_t pid;

	if (argc < 5)
		return 2;
	native = !strcmp(argv[1], "-");
	if (!native)
		table_read(&table, argv[1]);
	pid = fork();
	if (!pid) {
		ptrace(PTRACE_TRACEME, 0, NULL, NULL);
		execl(argv[2], argv[2], PROGRAM, NULL);
		die(argv[2]);
	}
	if (pid < 0 || waitpid(pid, &status, 0) != pid || !WIFSTOPPED(status) ||
		ptrace(PTRACE_SETOPTIONS, pid, NULL, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL))
		die(argv[2]);
	base = load_base(pid, argv[2]);
	for (int i = 5; i < argc && nsites < 512; i++) {
		sites[nsites].address = base + strtoul(argv[i], NULL, 16);
		plant(pid, &sites[nsites++]);
	}
	run(pid);
	print(pid, base + strtoul(argv[3], NULL, 0), strtoul(argv[4], NULL, 0));
	kill(pid, SIGKILL);
	return 0;
}

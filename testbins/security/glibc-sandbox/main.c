/* As the sandboxes of browsers: a filter turns calls on files into SIGSYS, whose handler asks a broker
 * to make them, here a thread that the filter does not hold for.  A kernel that finds SIGSYS blocked
 * kills the process.  The broker binds its functions while a dlopen of the other thread waits for
 * it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <ucontext.h>
#include <unistd.h>

void count_trap(void);
int traps(void);

static const int filtered[] = {SYS_open, SYS_openat, SYS_stat, SYS_lstat, SYS_fstat, SYS_newfstatat,
	SYS_access, SYS_faccessat, SYS_readlink, SYS_readlinkat};
enum { FILTERED = sizeof filtered / sizeof *filtered };

static int requests[2], replies[2];

struct request {
	long number, arguments[4];
};

static void *broker(void *unused)
{
	struct request r;

	while (read(requests[0], &r, sizeof r) == sizeof r) {
		long result = syscall(
			r.number, r.arguments[0], r.arguments[1], r.arguments[2], r.arguments[3]);

		if (result < 0)
			result = -errno;
		if (write(replies[1], &result, sizeof result) != sizeof result)
			break;
	}
	return unused;
}

static void trap(int signal, siginfo_t *info, void *context)
{
	greg_t *g = ((ucontext_t *)context)->uc_mcontext.gregs;
	struct request r = {info->si_syscall, {g[REG_RDI], g[REG_RSI], g[REG_RDX], g[REG_R10]}};
	long result = -ENOSYS;

	(void)signal;
	count_trap();
	if (write(requests[1], &r, sizeof r) != sizeof r ||
		read(replies[0], &result, sizeof result) != sizeof result)
		_exit(9);
	g[REG_RAX] = result;
}

static int enter_sandbox(void)
{
	struct sigaction action = {.sa_sigaction = trap, .sa_flags = SA_SIGINFO | SA_NODEFER};
	struct sock_filter f[2 * FILTERED + 2];
	struct sock_fprog program = {.filter = f};
	int n = 0;

	f[n++] = (struct sock_filter)BPF_STMT(
		BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
	for (int i = 0; i < FILTERED; i++) {
		f[n++] = (struct sock_filter)BPF_JUMP(
			BPF_JMP | BPF_JEQ | BPF_K, (unsigned)filtered[i], 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = (unsigned short)n;
	sigaction(SIGSYS, &action, NULL);
	prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}

static void open_library(const char *name, const char *function)
{
	void *h = dlopen(name, RTLD_NOW);
	int (*f)(void) = h ? (int (*)(void))dlsym(h, function) : NULL;

	printf("%s: %s, %d\n", name, h ? "opened" : "not opened", f ? f() : -1);
	if (h)
		printf("closed: %d\n", dlclose(h));
}

int main(int argc, char **argv)
{
	pthread_t id;

	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc < 2 || pipe(requests) || pipe(replies) || pthread_create(&id, NULL, broker, NULL))
		return 1;
	if (enter_sandbox())
		return 2;
	open_library(argv[1], "from_opened");
	open_library(argv[1], "from_opened");
	open_library("libnowhere.so.5", "f");
	printf("trapped: %d\n", traps() > 0);
	return 0;
}

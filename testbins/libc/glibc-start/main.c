/* What libc has been told by the loader, as far as a program can see it. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "tcb.h"

extern char **environ;
extern const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

static int from_constructor[2];

__attribute__((constructor)) static void begin(int argc, char **argv, char **envp)
{
	from_constructor[0] = argc;
	from_constructor[1] = argv && envp == environ;
}

static void vectors(int argc, char **argv, char **envp)
{
	int i, tests = 0;

	for (i = 0; i <= argc; i++)
		printf("argv[%d] %s\n", i, argv[i] ? argv[i] : "(end)");
	for (i = 0; envp[i]; i++)
		tests += !strncmp(envp[i], "TEST_", 5);
	printf("environment: %d, as argument %d, %s\n", tests, envp == environ,
		getenv("TEST_C") ? getenv("TEST_C") : "-");
	printf("constructor: %d %d\n", from_constructor[0], from_constructor[1]);
	printf("name: %s, short %s\n", program_invocation_name, program_invocation_short_name);
	setenv("TEST_D", "new", 1);
	printf("setenv: %s\n", getenv("TEST_D"));
}

static void auxiliary(void)
{
	printf("AT_PAGESZ %lu, AT_SECURE %lu, AT_CLKTCK %lu\n", getauxval(AT_PAGESZ),
		getauxval(AT_SECURE), getauxval(AT_CLKTCK));
	printf("AT_PHDR %d, AT_PHNUM %d, AT_UID %d\n",
		getauxval(AT_PHDR) == (uintptr_t)&__ehdr_start + __ehdr_start.e_phoff,
		getauxval(AT_PHNUM) == __ehdr_start.e_phnum, getauxval(AT_UID) == getuid());
	errno = 0;
	printf("absent: %lu %d\n", getauxval(999), errno == ENOENT);
	printf("AT_RANDOM %d, AT_PLATFORM %s, AT_EXECFN %d\n", getauxval(AT_RANDOM) != 0,
		(const char *)getauxval(AT_PLATFORM), getauxval(AT_EXECFN) != 0);
	printf("vdso: %d\n", getauxval(AT_SYSINFO_EHDR) != 0);
}

static void guards(void)
{
	uintptr_t stack = stack_guard(), pointer = pointer_guard();
	uintptr_t *random = (uintptr_t *)getauxval(AT_RANDOM);

	printf("stack guard: %d, low byte %d, as AT_RANDOM says %d\n", stack != 0,
		(int)(stack & 255), stack == (random[0] & ~(uintptr_t)255));
	printf("pointer guard: %d, as AT_RANDOM says %d\n", pointer != 0, pointer == random[1]);
	printf("thread pointer: %d\n", tcb_is_right());
}

static void numbers(void)
{
	static const int names[] = {_SC_LEVEL1_DCACHE_SIZE, _SC_LEVEL1_DCACHE_LINESIZE,
		_SC_LEVEL1_DCACHE_ASSOC, _SC_LEVEL2_CACHE_SIZE, _SC_LEVEL3_CACHE_SIZE,
		_SC_LEVEL1_ICACHE_SIZE, _SC_PAGESIZE, _SC_CLK_TCK, _SC_NPROCESSORS_ONLN,
		_SC_ARG_MAX, _SC_THREAD_STACK_MIN, 249 /* _SC_MINSIGSTKSZ */,
		250 /* _SC_SIGSTKSZ */};
	pthread_attr_t attr;
	size_t i, size;

	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		printf("sysconf %d: %ld\n", names[i], sysconf(names[i]));
	pthread_getattr_default_np(&attr);
	pthread_attr_getstacksize(&attr, &size);
	printf("default stack: %zu\n", size);
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getguardsize(&attr, &size);
	printf("guard: %zu\n", size);
}

static void state(void)
{
	struct timespec now;
	struct timeval tv;
	jmp_buf jump;
	char path[4096];
	int i;

	i = setjmp(jump);
	if (i < 3)
		longjmp(jump, i + 1);
	printf("longjmp: %d\n", i);
	printf("tid: %d\n", gettid() == getpid());
	printf("clock: %d\n", !clock_gettime(CLOCK_MONOTONIC, &now) && now.tv_sec > 0);
	printf("gettimeofday: %d\n", !gettimeofday(&tv, NULL) && tv.tv_sec > 1000000);
	printf("current directory: %d\n", getcwd(path, sizeof(path)) != NULL);
	printf("robust list: %d\n", pthread_mutex_consistent(&(pthread_mutex_t){0}) == EINVAL);
	printf("stack end: %d\n",
		(uintptr_t) * (void **)dlsym(RTLD_DEFAULT, "__libc_stack_end") > (uintptr_t)&now);
}

int main(int argc, char **argv, char **envp)
{
	vectors(argc, argv, envp);
	auxiliary();
	guards();
	numbers();
	state();
	return argc;
}

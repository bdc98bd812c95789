#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <elf.h>
#include <fpu_control.h>
#include <link.h>
#include <malloc.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "tcb.h"

enum { GET_TID_ADDRESS = 40 }; /* PR_GET_TID_ADDRESS */

const char *early_facts(void);
extern const ElfW(Ehdr) __ehdr_start;

/* ---- The program's malloc, which counts ---- */

extern void *__libc_malloc(size_t);
extern void *__libc_calloc(size_t, size_t);
static int allocations;

void *malloc(size_t n)
{
	allocations++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t size)
{
	allocations++;
	return __libc_calloc(n, size);
}

static int allocations_since(int before)
{
	return allocations > before;
}

/* ---- The thread control block ---- */

static void thread_block(const char *who)
{
	const uintptr_t *random = (const uintptr_t *)getauxval(AT_RANDOM);
	const size_t *dtv = (const size_t *)thread_word(DTV_WORD);
	void *robust = NULL;
	size_t size = 0;

	printf("%s: self %d, dtv %d of %d\n", who, tcb_is_right(), dtv[0] <= 100, dtv[-2] > 0);
	printf("%s: stack guard %d, pointer guard %d\n", who,
		stack_guard() == (random[0] & ~(uintptr_t)0xff), pointer_guard() == random[1]);
	syscall(SYS_get_robust_list, 0, &robust, &size);
	printf("%s: robust list %d, %zu bytes, offset %ld\n", who,
		robust && *(void **)robust == robust, size, robust ? ((long *)robust)[1] : 0);
}

static void restartable_sequences(void)
{
	const unsigned *size = dlsym(RTLD_DEFAULT, "__rseq_size");
	const ptrdiff_t *offset = dlsym(RTLD_DEFAULT, "__rseq_offset");
	const int *area = offset ? (const int *)(thread_pointer() + (uintptr_t)*offset) : NULL;

	if (!size)
		printf("rseq: none\n");
	else
		printf("rseq: %u bytes, processor %d, aligned %d\n", *size, area[1] >= 0,
			(uintptr_t)area % 32 == 0);
}

static void stack(void)
{
	void **end = dlsym(RTLD_DEFAULT, "__libc_stack_end"), *low;
	char here, line[400], mode[5] = "";
	pthread_attr_t attributes;
	size_t size;
	FILE *maps = fopen("/proc/self/maps", "r");

	pthread_getattr_np(pthread_self(), &attributes);
	pthread_attr_getstack(&attributes, &low, &size);
	printf("stack: end above %d, near %d, attributes hold it %d\n", (char *)*end > &here,
		(char *)*end - &here < 8 << 20, &here >= (char *)low && &here < (char *)low + size);
	pthread_getattr_default_np(&attributes);
	pthread_attr_getstacksize(&attributes, &size);
	printf("stack: of threads %zu\n", size);
	while (maps && fgets(line, sizeof line, maps))
		if (strstr(line, "[stack]"))
			sscanf(line, "%*s %4s", mode);
	printf("stack: %s, MINSIGSTKSZ %ld, page %ld\n", mode, sysconf(249), sysconf(_SC_PAGESIZE));
	fclose(maps);
}

static int count(struct dl_phdr_info *info, size_t size, void *n)
{
	if (!*(int *)n)
		printf("objects: first \"%s\", its headers %d, TLS module %zu, %zu bytes\n",
			info->dlpi_name,
			info->dlpi_phdr ==
				(const void *)((const char *)&__ehdr_start + __ehdr_start.e_phoff),
			info->dlpi_tls_modid, size);
	++*(int *)n;
	return 0;
}

static void debugger(void)
{
	const struct r_debug *r = NULL;

	for (const ElfW(Dyn) *d = _DYNAMIC; d->d_tag != DT_NULL; d++)
		if (d->d_tag == DT_DEBUG)
			r = (const void *)d->d_un.d_ptr;
	printf("r_debug: state %d, function %d, map %d\n", r->r_state, r->r_brk != 0,
		r->r_map != NULL);
}

/* The floating-point units' exceptions and rounding, as the process has got them. */
static unsigned vector_control(void)
{
#ifdef __x86_64__
	return __builtin_ia32_stmxcsr() & 0xffc0;
#else
	return 0; /* there is one unit */
#endif
}

static void process(void)
{
	const int *secure = dlsym(RTLD_DEFAULT, "__libc_enable_secure");
	const char *single = dlsym(RTLD_DEFAULT, "__libc_single_threaded");
	int *tid_address = NULL, descriptors = 0, n = 0;
	fpu_control_t control;
	struct sigaction action;
	sigset_t blocked;
	DIR *fds = opendir("/proc/self/fd");

	while (fds && readdir(fds))
		descriptors++;
	sigprocmask(SIG_BLOCK, NULL, &blocked);
	sigaction(SIGSEGV, NULL, &action);
	_FPU_GETCW(control);
	if (prctl(GET_TID_ADDRESS, &tid_address))
		tid_address = NULL;
	printf("secure %d, single-threaded %d, descriptors %d, blocked %d, SIGSEGV %d\n",
		secure ? *secure : -1, single ? *single : -1, descriptors,
		sigismember(&blocked, SIGSEGV), action.sa_handler == SIG_DFL);
	printf("fpu %#x, vectors' %#x, tid address %d, its word %d\n", (unsigned)control,
		vector_control(), tid_address != NULL,
		tid_address && *tid_address == (int)syscall(SYS_gettid));
	dl_iterate_phdr(count, &n);
}

static void *thread(void *unused)
{
	thread_block("thread");
	return unused;
}

int main(void)
{
	int at_main = allocations, before;
	pthread_t id;
	char *(*of_tls)(void);
	void *h;

	setvbuf(stdout, NULL, _IONBF, 0);
	printf("constructor: %s\n", early_facts());
	printf("malloc: called before main %d\n", at_main > 0);
	before = allocations;
	h = dlopen("./libtls.so", RTLD_NOW);
	printf("malloc: called by dlopen %d\n", allocations_since(before));
	of_tls = (char *(*)(void))dlsym(h, "of_tls");
	before = allocations;
	of_tls()[1] = 1;
	printf("malloc: called by the first access to TLS %d\n", allocations_since(before));
	thread_block("main");
	restartable_sequences();
	stack();
	process();
	debugger();
	before = allocations;
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
	printf("malloc: called by pthread_create %d\n", allocations_since(before));
	return 0;
}

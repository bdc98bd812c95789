/* A profiler's signal can come between any two instructions.  The processor is told to trap after each
 * (TF, Intel SDM 1, 3.4.3.3), and where that was in the loader the handler unwinds: main must be among
 * the frames. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <ucontext.h>
#include <unistd.h>
#include <unwind.h>

#define TRAP 0x100 /* TF in the flags */

int main(void);

static uintptr_t loader_start, loader_end;
static volatile int steps, incomplete;
static volatile uintptr_t first_incomplete;

static _Unwind_Reason_Code is_main(struct _Unwind_Context *context, void *found)
{
	if (_Unwind_GetRegionStart(context) == (uintptr_t)main)
		*(bool *)found = true;
	return _URC_NO_REASON;
}

static void on_step(int signal, siginfo_t *info, void *context)
{
	uintptr_t pc = (uintptr_t)((ucontext_t *)context)->uc_mcontext.gregs[REG_RIP];
	bool found = false;

	(void)signal;
	(void)info;
	if (pc - loader_start >= loader_end - loader_start)
		return;
	steps = steps + 1;
	_Unwind_Backtrace(is_main, &found);
	if (found)
		return;
	incomplete = incomplete + 1;
	if (!first_incomplete)
		first_incomplete = pc - loader_start;
}

/* The loader's range, by its address in r_debug. */
static int find_loader(struct dl_phdr_info *info, size_t size, void *base)
{
	(void)size;
	if (info->dlpi_addr != (uintptr_t)base)
		return 0;
	for (const ElfW(Phdr) *p = info->dlpi_phdr; p < info->dlpi_phdr + info->dlpi_phnum; p++)
		if (p->p_type == PT_LOAD && p->p_flags & PF_X) {
			loader_start = info->dlpi_addr + p->p_vaddr;
			loader_end = loader_start + p->p_memsz;
		}
	return 1;
}

static void begin(void)
{
	__asm__ volatile("pushfq; orq %0, (%%rsp); popfq" ::"i"(TRAP) : "cc", "memory");
}

static void end(const char *what)
{
	__asm__ volatile("pushfq; andq %0, (%%rsp); popfq" ::"i"(~TRAP) : "cc", "memory");
	printf("%s: %s\n", what,
		!steps       ? "no step in the loader"
		: incomplete ? "not always"
			     : "at each step");
	if (incomplete)
		printf("%d of %d, the first at %#lx\n", incomplete, steps, (long)first_incomplete);
	steps = incomplete = 0;
	first_incomplete = 0;
}

static int nothing(struct dl_phdr_info *info, size_t size, void *data)
{
	return info && size && data;
}

int main(void)
{
	struct sigaction action = {.sa_sigaction = on_step, .sa_flags = SA_SIGINFO};
	void *later;
	int (*in_later)(int), (*call)(int);
	Dl_info info;

	alarm(60);
	dl_iterate_phdr(find_loader, (void *)_r_debug.r_ldbase);
	sigaction(SIGTRAP, &action, NULL);
	_Unwind_Backtrace(
		is_main, &(bool){false}); /* what it loads and binds itself is done then */

	begin();
	later = dlopen("./liblater.so", RTLD_LAZY);
	end("dlopen");
	begin();
	in_later = (int (*)(int))dlsym(later, "later");
	end("dlsym");
	call = (int (*)(int))dlsym(later, "call");
	begin();
	call(1);
	end("a lazy call");
	begin();
	in_later(2);
	end("the first access to a block");
	begin();
	in_later(3);
	end("the next access");
	begin();
	dladdr((void *)in_later, &info);
	end("dladdr");
	begin();
	dl_iterate_phdr(nothing, NULL);
	end("dl_iterate_phdr");
	begin();
	dlsym(later, "absent");
	end("a failing dlsym");
	begin();
	dlerror();
	end("dlerror");
	begin();
	dlclose(later);
	end("dlclose");
	return 0;
}

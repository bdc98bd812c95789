/* loader.c: the struct loader of the process: its initialisation, and exit after a failure. */
#include "state/loader.h"
#include "base/sys.h"
#include "memory/kernel.h"
#include "state/libc.h"
#include "state/words.h"

static const struct vm_owner loader_memory = {.name = "[myld.so]"};

/* The first memory of the registry, the heap and the arenas, so that a small program needs no
 * system call for it.  What start-up touches first is adjacent, since each page costs a fault.
 * Permanent memory has its own pages, since it is made read-only. */
#define FIRST_PERMANENT ((size_t)8 << 10)

static struct {
	char writable[(size_t)16 << 10];
	char areas[48 * sizeof(struct vm_area)];
	char scratch[(size_t)16 << 10];
	char permanent[FIRST_PERMANENT + ARCH_MIN_PAGE];
	char tables[(size_t)512 << 10];
} first __attribute__((aligned(16)));

/* Defined behind `first`, since gcc lays data out from the last definition to the first: it shares a
 * page with the initialised data, which each start touches. */
struct loader loader;

static void prepare_memory(struct loader *ld)
{
	const struct config *c = &ld->config;
	uintptr_t permanent = (uintptr_t)first.permanent;

	permanent = (permanent + ARCH_MIN_PAGE - 1) & -(uintptr_t)ARCH_MIN_PAGE;
	vm_init(&ld->vm, &kernel_backend, NULL, first.areas, sizeof first.areas, c->page,
		ARCH_MAX_ADDR, c->page);
	arena_init(&ld->permanent, &ld->vm, &loader_memory, (void *)permanent, FIRST_PERMANENT);
	arena_init(&ld->scratch, &ld->vm, &loader_memory, first.scratch, sizeof first.scratch);
	arena_init(&ld->writable, &ld->vm, &loader_memory, first.writable, sizeof first.writable);
	heap_init(&ld->heap, &ld->writable);
	arena_init_fixed(&ld->fixed, &ld->vm, &loader_memory, first.tables, sizeof first.tables);
	heap_init(&ld->tables, &ld->fixed);
	ld->diag.arena = &ld->scratch;
	ld->diag.fd = 2;
	ld->abi = abi_default();
}

static void prepare_debug(struct loader *ld)
{
	const struct config *c = &ld->config;
	char path[4096];

	if (!c->debug)
		return;
	ld->diag.debug = c->debug;
	ld->diag.pid = sys_getpid();
	if (c->debug_output) {
		int fd;

		format(path, sizeof path, "%s.%ld", c->debug_output, ld->diag.pid);
		fd = sys_create(path);
		if (fd >= 0)
			ld->diag.fd = fd;
		else
			print(2, "myld.so: LD_DEBUG_OUTPUT: %s: %s\n", path, errno_text(fd));
	}
}

void loader_init(struct loader *ld, uintptr_t *stack, uintptr_t entry)
{
	config_read(&ld->config, stack, entry);
	prepare_memory(ld);
	prepare_debug(ld);
}

void loader_die(const struct loader *ld)
{
	words_print(ld);
	sys_exit(EXIT_LOADER);
}

/* loader.c: the struct loader of the process: its initialisation, and exit after a failure. */
#include "state/loader.h"
#include "base/mem.h"
#include "base/sys.h"
#include "memory/kernel.h"
#include "state/libc.h"
#include "state/words.h"

static const struct vm_owner loader_memory = {.name = "[myld.so]"};

/* It shares a page with the initialised data, which each start touches. */
struct loader loader;

/* The first memory of the registry, the heap and the arenas, so that a small program needs no
 * system call for it.  A start touches the beginning of each, and each page that is touched costs a fault. */
struct first_memory {
	struct vm_area areas[48];
	char writable[(size_t)16 << 10];
	char scratch[(size_t)16 << 10];
	/* Has its own pages, since it is made read-only. */
	_Alignas(ARCH_MIN_PAGE) char permanent[(size_t)8 << 10];
	char tables[(size_t)512 << 10];
};

/* Aligned by first_memory(): aligned by the linker it would have a hole before it. */
LAST_IN_BSS char first_memory_room[sizeof(struct first_memory) + ARCH_MIN_PAGE];

static struct first_memory *first_memory(void)
{
	uintptr_t at = (uintptr_t)first_memory_room;

	return (void *)((at + ARCH_MIN_PAGE - 1) & -(uintptr_t)ARCH_MIN_PAGE);
}

static void prepare_memory(struct loader *ld)
{
	const struct config *c = &ld->config;
	struct first_memory *first = first_memory();

	vm_init(&ld->vm, &kernel_backend, NULL, first->areas, sizeof first->areas, c->page,
		ARCH_MAX_ADDR, c->page);
	arena_init(
		&ld->permanent, &ld->vm, &loader_memory, first->permanent, sizeof first->permanent);
	arena_init(&ld->scratch, &ld->vm, &loader_memory, first->scratch, sizeof first->scratch);
	arena_init(&ld->writable, &ld->vm, &loader_memory, first->writable, sizeof first->writable);
	heap_init(&ld->heap, &ld->writable);
	arena_init_fixed(&ld->fixed, first->tables, sizeof first->tables);
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

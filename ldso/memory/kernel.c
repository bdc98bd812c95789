/* kernel.c: the registry's backend, the only caller of mmap, munmap and mprotect. */
#include "memory/kernel.h"
#include "base/mem.h"
#include "base/sys.h"

#define PROT_GROWSDOWN 0x01000000
#define MAP_SHARED     0x01
#define MAP_PRIVATE    0x02
#define MAP_FIXED      0x10
#define MAP_ANONYMOUS  0x20
#define MAP_NORESERVE  0x4000
#define MAP_POPULATE   0x8000
/* Linux 4.17; older kernels treat the address as a hint. */
#define MAP_FIXED_NOREPLACE 0x100000

static int map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	long r;

	(void)ctx;
	r = sys_mmap(at, len, (int)prot,
		(flags & VM_SHARED ? MAP_SHARED : MAP_PRIVATE) |
			(flags & VM_FIXED ? MAP_FIXED : 0) |
			(flags & VM_VACANT ? MAP_FIXED_NOREPLACE : 0) |
			(fd < 0 ? MAP_ANONYMOUS : 0) | (flags & VM_NORESERVE ? MAP_NORESERVE : 0) |
			(flags & VM_POPULATE ? MAP_POPULATE : 0),
		fd, offset);
	if (sys_failed(r))
		return (int)r;
	*out = (uintptr_t)r;
	return 0;
}

static int unmap(void *ctx, uintptr_t at, size_t len)
{
	(void)ctx;
	return (int)sys_munmap(at, len);
}

static int protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	(void)ctx;
	return (int)sys_mprotect(at, len, (int)prot);
}

void *kernel_map_apart(size_t n)
{
	long r = sys_mmap(0, n, VM_R | VM_W, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return sys_failed(r) ? NULL : (void *)r;
}

int kernel_protect_stack(uintptr_t at, size_t len, unsigned prot)
{
	return (int)sys_mprotect(at, len, (int)prot | PROT_GROWSDOWN);
}

int kernel_protect_foreign(uintptr_t at, size_t len, unsigned prot)
{
	return (int)sys_mprotect(at, len, (int)prot);
}

int kernel_copy_in_place(uintptr_t at, size_t len, unsigned prot)
{
	long copy = sys_mmap(
		0, len, VM_R | VM_W, MAP_PRIVATE | MAP_ANONYMOUS | MAP_POPULATE, -1, 0);
	long e;

	if (sys_failed(copy))
		return (int)copy;
	memcpy((void *)copy, (void *)at, len);
	e = prot == (VM_R | VM_W) ? 0 : sys_mprotect((uintptr_t)copy, len, (int)prot);
	if (e == 0)
		e = sys_move((uintptr_t)copy, len, at);
	if (!sys_failed(e))
		return 0;
	sys_munmap((uintptr_t)copy, len);
	return (int)e;
}

const struct vm_backend kernel_backend = {map, unmap, protect};

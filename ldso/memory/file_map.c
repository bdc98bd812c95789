/* file_map.c: a whole file, mapped read-only; see file_map.h. */
#include "memory/file_map.h"

static size_t pages(const struct vm *vm, size_t size)
{
	return (size + vm->page - 1) & -vm->page;
}

int file_map(struct vm *vm, int fd, const struct file_info *info, const struct vm_owner *owner,
	const char **data)
{
	struct vm_what what = {
		.kind = VM_FILE, .prot = VM_R, .owner = owner, .dev = info->dev, .ino = info->ino};
	uintptr_t at;
	int e;

	if (!info->size || info->size > SIZE_MAX / 2)
		return -SYS_EINVAL;
	e = vm_map(vm, 0, pages(vm, info->size), &what, fd, &at);
	if (e == 0)
		*data = (const char *)at;
	return e;
}

void file_unmap(struct vm *vm, const char *data, size_t size)
{
	vm_unmap(vm, (uintptr_t)data, pages(vm, size));
}

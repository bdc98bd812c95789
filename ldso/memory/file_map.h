/* file_map.h: a whole file, mapped read-only. */
#ifndef FILE_MAP_H
#define FILE_MAP_H

#include "base/sys.h"
#include "vm/area.h"

/* Maps all of the open file, which info describes, and sets *data: 0 or a negative errno (-EINVAL
 * for an empty or a huge file). */
int file_map(struct vm *vm, int fd, const struct file_info *info, const struct vm_owner *owner,
	const char **data);

void file_unmap(struct vm *vm, const char *data, size_t size);

#endif

/* maps.h: the registry and the kernel's own list, /proc/self/maps, beside each other.
 *
 * The kernel merges neighbours that the registry keeps apart because their owners or kinds differ;
 * vm_line_next() walks the registry as the kernel would print it.  vm_refresh() takes over what
 * only the kernel knows; vm_compare() holds the two against each other.
 */
#ifndef VM_MAPS_H
#define VM_MAPS_H

#include "vm/area.h"

/* One line of /proc/self/maps. */
struct vm_line {
	uintptr_t start, end;
	unsigned prot;
	bool shared;
	uint64_t offset, dev, ino; /* dev as in struct stat; 0, 0 for what is no file */
	const char *name;          /* into the text that was parsed, or the owner's; not terminated
				      by 0 when parsed: name_len counts */
	size_t name_len;
	bool foreign; /* no part of the line is the loader's own making */
};

/* Reads like read(2): bytes, 0 at the end, a negative errno. */
struct vm_source {
	long (*read)(void *ctx, void *buf, size_t n);
	void *ctx;
};

/* The next line as the kernel would print the registry: start with *cursor == vm->first; false at
 * the end. */
bool vm_line_next(const struct vm_area **cursor, struct vm_line *line);

/* Parses one line (without its newline).  -EINVAL if it is not one. */
int vm_line_parse(const char *text, size_t len, struct vm_line *line);

/* Reads the kernel's list and makes the registry equal to it: exact bounds of stack, heap, vvar and
 * vDSO, inodes of adopted files, mappings that the process made or removed by itself.  Owners and
 * kinds of what was known stay.  Lines of any length, a list of any size; memory is bounded by the
 * nodes of the registry. */
int vm_refresh(struct vm *vm, struct vm_source *maps);

/* Compares the registry, line for line, with the kernel's list: start, end, protection, offset,
 * device and inode.  all: every line, as after a vm_refresh(); otherwise only what the loader made:
 * zero pages of its making may then lie in a line with others, that the program has mapped right
 * beside them.  Returns the number of lines that differ (or a negative errno) and calls report (may
 * be NULL) for each: one of the two is NULL when it is missing on that side. */
long vm_compare(const struct vm *vm, struct vm_source *maps, bool all,
	void (*report)(void *ctx, const struct vm_line *ours, const struct vm_line *kernels),
	void *ctx);

#endif

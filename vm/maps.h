/* maps.h: the registry and the kernel's own list, /proc/self/maps.
 *
 * vm_refresh() updates the registry from the kernel's list; vm_compare() compares the two.  The
 * kernel merges neighbours that the registry keeps apart because their owners or kinds differ, so
 * the registry is compared as the kernel would print it.
 */
#ifndef VM_MAPS_H
#define VM_MAPS_H

#include "vm/area.h"

/* One line of /proc/self/maps. */
struct vm_line {
	uintptr_t start, end;
	unsigned prot;
	bool shared;
	uint64_t offset, dev, ino; /* dev as in struct stat; 0, 0: no file */
	const char *name;          /* in the parsed text, or the owner's; name_len bytes, which need
				      not be followed by a 0 */
	size_t name_len;
	bool foreign; /* the loader mapped no part of the line */
};

/* Where the text comes from.  read is like read(2): bytes, 0 at the end, or a negative errno. */
struct vm_source {
	long (*read)(void *ctx, void *buf, size_t n);
	void *ctx;
};

/* Parses one line (without its newline): 0, or -EINVAL if it has another form. */
int vm_line_parse(const char *text, size_t len, struct vm_line *line);

/* Reads the kernel's list and makes the registry equal to it: exact bounds of stack, heap, vvar and
 * vDSO, inodes of adopted files, mappings that the program itself made or removed.  Owners and
 * kinds of known areas are kept.  Lines and the list may have any length; no memory is needed but
 * for the registry's nodes.  Returns 0 or a negative errno; after an error, a part of the list was
 * applied. */
int vm_refresh(struct vm *vm, struct vm_source *maps);

/* Which lines are compared. */
enum vm_lines {
	VM_OWN_LINES, /* the loader's mappings only: its zero pages may share one of the kernel's
			 lines with adjacent mappings of the program */
	VM_ALL_LINES, /* every line: after a vm_refresh() */
};

/* Compares the registry, line for line, with the kernel's list: start, end, protection, offset,
 * device and inode.  Returns the number of lines that differ (or a negative errno) and calls report
 * (may be NULL) for each: ours or kernels is NULL when the line is missing on that side. */
long vm_compare(const struct vm *vm, struct vm_source *maps, enum vm_lines lines,
	void (*report)(void *ctx, const struct vm_line *ours, const struct vm_line *kernels),
	void *ctx);

#endif

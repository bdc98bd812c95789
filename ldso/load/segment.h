/* segment.h: converts a PT_LOAD to page bounds, and to areas of the registry. */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "state/loader.h"

/* The segment's start, the end of its file pages, and its end: page bounds, relocated. */
struct segment_bounds {
	uintptr_t start, file_end, end;
};

struct segment_bounds segment_bounds(
	const struct loader *ld, const struct dso *d, const Elf_Phdr *p);

/* p_flags converted to VM_R, VM_W and VM_X. */
unsigned segment_prot(const Elf_Phdr *p);

/* Descriptions of the area of its file pages, and of the zeroed pages behind them. */
struct vm_what segment_file_part(const struct loader *ld, const struct dso *d, const Elf_Phdr *p);
struct vm_what segment_zero_part(const struct dso *d, const Elf_Phdr *p);

/* Stores the page bounds of all PT_LOADs of d, not relocated. */
void segment_span(const struct loader *ld, const struct dso *d, uintptr_t *start, uintptr_t *end);

/* Reports that `what`, len bytes at `at`, cannot be mapped; error is -errno.  Returns -1. */
int segment_report(struct loader *ld, const struct dso *d, const char *what, uintptr_t at,
	size_t len, int error);

#endif

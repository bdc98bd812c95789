/* segment.h: a PT_LOAD in pages, and as the registry is to know it. */
#ifndef SEGMENT_H
#define SEGMENT_H

#include "state/loader.h"

/* Its start, the end of its file pages, its end: page bounds, relocated. */
struct segment_bounds {
	uintptr_t start, file_end, end;
};

struct segment_bounds segment_bounds(
	const struct loader *ld, const struct dso *d, const Elf_Phdr *p);

/* p_flags as the registry's protection. */
unsigned segment_prot(const Elf_Phdr *p);

/* The areas of its file pages, and of the pages behind them that begin as zero. */
struct vm_what segment_file_part(const struct loader *ld, const struct dso *d, const Elf_Phdr *p);
struct vm_what segment_zero_part(const struct dso *d, const Elf_Phdr *p);

/* [*start, *end): page bounds of all PT_LOADs of d, not relocated. */
void segment_span(const struct loader *ld, const struct dso *d, uintptr_t *start, uintptr_t *end);

/* Reports that `what`, len bytes at `at`, cannot be mapped, and the kernel's reason; -1. */
int segment_report(struct loader *ld, const struct dso *d, const char *what, uintptr_t at,
	size_t len, int error);

#endif

/* remap.h: what remap.S is told, for C and assembly. */
#ifndef ARCH_REMAP_H
#define ARCH_REMAP_H

/* Offsets in struct arch_remapping. */
#define REMAP_AT       0
#define REMAP_LEN      8
#define REMAP_FD       16
#define REMAP_OFFSET   24
#define REMAP_MAP      32
#define REMAP_MAP_SIZE 40

#define REMAP_PROT   5    /* PROT_READ | PROT_EXEC */
#define REMAP_FLAGS  0x12 /* MAP_PRIVATE | MAP_FIXED */
#define REMAP_STATUS 127

#define PR_SET_MM     35
#define PR_SET_MM_MAP 14

#ifndef __ASSEMBLER__
#include <stdint.h>

struct arch_remapping {
	uintptr_t at, len;   /* pages of a file that hold code, the caller's among them */
	uint64_t fd, offset; /* where they come from */
	const void *map;     /* the kernel's struct prctl_mm_map */
	uint64_t map_size;
};

/* Unmaps the pages, makes the call prctl(PR_SET_MM, PR_SET_MM_MAP, map, map_size), and maps the pages
 * again.  Returns the call's result, or a negative errno if nothing could be unmapped; ends the
 * process with status 127 if they cannot be mapped again.  It is called in a copy of its bytes, up to
 * arch_remap_end, outside of the pages, and with all signals at their defaults. */
long arch_remap(const struct arch_remapping *r);
extern const char arch_remap_end[];
#endif
#endif

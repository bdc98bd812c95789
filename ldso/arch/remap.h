/* remap.h: what remap.S is told, for C and assembly. */
#ifndef ARCH_REMAP_H
#define ARCH_REMAP_H

/* Offsets in struct arch_remapping. */
#define REMAP_AT       0
#define REMAP_LEN      8
#define REMAP_MAP      16
#define REMAP_MAP_SIZE 24
#define REMAP_FD       32
#define REMAP_AGAIN    40

/* Offsets in struct arch_mapping, and its size. */
#define MAPPING_AT     0
#define MAPPING_LEN    8
#define MAPPING_PROT   16
#define MAPPING_OFFSET 24
#define MAPPING_SAVED  32
#define MAPPING_SIZE   40

#define REMAP_MAX    4    /* mappings */
#define REMAP_FLAGS  0x12 /* MAP_PRIVATE | MAP_FIXED */
#define REMAP_STATUS 127

#define PR_SET_MM     35
#define PR_SET_MM_MAP 14

#ifndef __ASSEMBLER__
#include <stddef.h>
#include <stdint.h>

/* Pages of a file. */
struct arch_mapping {
	uintptr_t at, len;     /* len a multiple of 8; 0 behind the last */
	uint64_t prot, offset; /* as mmap(2) takes them */
	const void *saved; /* len bytes that they held, which are copied back; NULL: unchanged */
};

struct arch_remapping {
	uintptr_t at, len; /* what is unmapped */
	const void *map;   /* the kernel's struct prctl_mm_map */
	uint64_t map_size;
	uint64_t fd; /* of the file */
	struct arch_mapping again[REMAP_MAX + 1];
};

_Static_assert(offsetof(struct arch_mapping, at) == MAPPING_AT &&
		       offsetof(struct arch_mapping, len) == MAPPING_LEN &&
		       offsetof(struct arch_mapping, prot) == MAPPING_PROT &&
		       offsetof(struct arch_mapping, offset) == MAPPING_OFFSET &&
		       offsetof(struct arch_mapping, saved) == MAPPING_SAVED &&
		       sizeof(struct arch_mapping) == MAPPING_SIZE,
	"struct arch_mapping as remap.S reads it");
_Static_assert(offsetof(struct arch_remapping, at) == REMAP_AT &&
		       offsetof(struct arch_remapping, len) == REMAP_LEN &&
		       offsetof(struct arch_remapping, map) == REMAP_MAP &&
		       offsetof(struct arch_remapping, map_size) == REMAP_MAP_SIZE &&
		       offsetof(struct arch_remapping, fd) == REMAP_FD &&
		       offsetof(struct arch_remapping, again) == REMAP_AGAIN,
	"struct arch_remapping as remap.S reads it");

/* Unmaps [at, at + len), the caller's code and data among it, makes the call prctl(PR_SET_MM,
 * PR_SET_MM_MAP, map, map_size), and maps the pages again.  Returns the call's result, or a negative
 * errno if nothing could be unmapped; ends the process with status 127 if the pages cannot be mapped
 * again.  It is called in a copy of its bytes, up to arch_remap_end, outside of the pages, and has no
 * handler of a signal that may come. */
long arch_remap(const struct arch_remapping *r);
extern const char arch_remap_end[];
#endif
#endif

/* image.h: an object in memory, as it looks when it is mapped: three segments in one block.
 *
 *	0x0000  code          R X
 *	0x1000  data          R W   its dynamic section is at IMAGE_DYNAMIC
 *	0x2000  constants     R     ends where the block does
 */
#ifndef IMAGE_OF_TEST_H
#define IMAGE_OF_TEST_H

#include "state/loader.h"

enum {
	IMAGE_CODE = 0,
	IMAGE_DATA = 0x1000,
	IMAGE_DYNAMIC = 0x1800,
	IMAGE_CONST = 0x2000,
	IMAGE_END = 0x3000,
};

/* At the end of the load order. */
struct dso *image_make(struct loader *ld, const char *path);

/* Copies n bytes to v; where they are. */
void *image_put(struct dso *d, uintptr_t v, const void *bytes, size_t n);

/* Gives d a dynamic section: tags and DT_NULL. */
void image_dynamic(struct dso *d, const Elf_Dyn *tags, size_t n);

#endif

/* map.h: an open file becomes mapped segments. */
#ifndef MAP_H
#define MAP_H

#include "search/search.h"

/* Verifies the headers of the file and maps its segments; fills in the part of *d that dso.h
 * assigns to map.c.  Nothing stays mapped when it fails (-1, the reason kept by diag_fail).  The
 * file stays open. */
int map_object(struct loader *ld, const struct found *found, struct dso *d);

/* The same fields for an object that the kernel mapped: the program (as PT_INTERP), the loader, the
 * vDSO.  Registers its areas. */
int map_adopt(struct loader *ld, struct dso *d, const Elf_Phdr *phdr, size_t phnum, uintptr_t base,
	const char *path);

/* Unmaps an object. */
void map_remove(struct loader *ld, struct dso *d);

/* The i-th stretch of d's memory, in pages, that is writable and comes from its file; false: there
 * are not so many. */
bool map_data(const struct loader *ld, const struct dso *d, unsigned i, uintptr_t *at, size_t *len);

/* Makes PT_GNU_RELRO read-only. */
int map_protect_relro(struct loader *ld, struct dso *d);

/* The same for all objects but the vDSO, at start-up. */
int map_protect_all(struct loader *ld);

/* Makes the segments that are not writable writable for text relocations, and back. */
int map_open_text(struct loader *ld, struct dso *d);
int map_close_text(struct loader *ld, struct dso *d);

#endif

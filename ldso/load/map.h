/* map.h: maps and unmaps the segments of a file. */
#ifndef MAP_H
#define MAP_H

#include "search/search.h"

/* Checks the headers of the file and maps its segments; fills in the fields of *d that dso.h
 * assigns to map.c.  The file stays open.  -1: reported, and nothing stays mapped. */
int map_object(struct loader *ld, const struct found *found, struct dso *d);

/* Fills in the same fields of an object that the kernel mapped: the program (unless run by a
 * command), the loader or the vDSO.  Registers its areas.  path must live as long as d.  -1:
 * reported. */
int map_adopt(struct loader *ld, struct dso *d, const Elf_Phdr *phdr, size_t phnum, uintptr_t base,
	const char *path);

/* Unmaps an object's segments. */
void map_remove(struct loader *ld, struct dso *d);

/* Stores the page range of the i-th part of d's memory that is writable and mapped from a file in
 * *at and *len (bytes); false: there are not so many. */
bool map_data(const struct loader *ld, const struct dso *d, unsigned i, uintptr_t *at, size_t *len);

/* Makes d's PT_GNU_RELRO read-only.  -1: reported. */
int map_protect_relro(struct loader *ld, struct dso *d);

/* The same for all objects but the vDSO, at start-up. */
int map_protect_all(struct loader *ld);

/* Makes the read-only segments writable for text relocations, and read-only again.  -1:
 * reported. */
int map_unprotect_text(struct loader *ld, struct dso *d);
int map_protect_text(struct loader *ld, struct dso *d);

#endif

/* cache.h: recorded starts and dlopens, as the steps of a start and of a dlopen call them.
 *
 * This folder can be left out (make CACHE=no): ldso/nocache.c defines these functions then.
 */
#ifndef CACHE_H
#define CACHE_H

#include "reloc/reloc.h"

struct store;

/* Called after the program is mapped: loads its libraries by the plan of an earlier start.  Returns
 * 1, or 0 if nothing was loaded (the start may be recorded then), or -1 (reported). */
int cache_load(struct loader *ld);

/* Called when all objects are loaded. */
void cache_loaded(struct loader *ld);

/* Called before the first relocation.  Returns 0, or -1 (reported) when memory is exhausted. */
int cache_prepare(struct loader *ld);

/* Called when all is relocated and RELRO is read-only: writes the plan, if this start is
 * recorded. */
void cache_end(struct loader *ld);

/* Called before and after the relocation of a dlopen's new objects, those behind `before` in the
 * load order. */
void cache_dlopen_begin(struct loader *ld, const struct dso *before, enum binding binding);
void cache_dlopen_end(struct loader *ld, enum bound relocated);

/* For --cache build: begins to record the start in the store, with the key of n bytes.  Returns 0
 * or -1 (reported). */
int cache_record(struct loader *ld, const struct store *store, const char *key, size_t n);

#endif

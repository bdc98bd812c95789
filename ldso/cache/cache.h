/* cache.h: what the loader's story knows of remembered starts and dlopens.
 *
 * This folder can be left out (make CACHE=no): ldso/nocache.c stands in for these functions then.
 */
#ifndef CACHE_H
#define CACHE_H

#include "reloc/reloc.h"

struct store;

/* The program is there: loads its libraries by the plan of an earlier start: 1.  0: nothing is
 * loaded, and the start may be recorded.  -1 (reported). */
int cache_load(struct loader *ld);

/* All objects are loaded. */
void cache_loaded(struct loader *ld);

/* Before the first relocation.  -1 (reported): no memory. */
int cache_prepare(struct loader *ld);

/* All is relocated, and RELRO read-only: leaves a plan for later starts, if this one is recorded.
 */
void cache_end(struct loader *ld);

/* Around the relocation of a dlopen's new objects, those behind `before` in the load order. */
void cache_dlopen_begin(struct loader *ld, const struct dso *before, enum binding binding);
void cache_dlopen_end(struct loader *ld, enum bound relocated);

/* For --cache build: 0, and the start will be recorded in that store; -1 (reported). */
int cache_record(struct loader *ld, const struct store *store, const char *key, size_t n);

#endif

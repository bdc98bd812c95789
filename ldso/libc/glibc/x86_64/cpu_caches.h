/* cache.h (x86_64): the processor's caches, as glibc derives them from CPUID. */
#ifndef GLIBC_CACHE_H
#define GLIBC_CACHE_H

#include "libc/glibc/x86_64/features.h"

enum cache_level { CACHE_L1I, CACHE_L1D, CACHE_L2, CACHE_L3, CACHE_L4, CACHES };

struct caches {
	/* Bytes, ways, bytes; 0 or -1 where unknown (what sysconf() then returns). */
	struct cache {
		long size, assoc, line;
	} level[CACHES];
	long shared;     /* the highest cache level in all */
	long per_thread; /* ... and a thread's part of it */
};

void caches_read(struct caches *c, const struct features *f);

#endif

/* cpu_caches.h (x86_64): the processor's caches, as glibc derives them from CPUID. */
#ifndef GLIBC_CPU_CACHES_H
#define GLIBC_CPU_CACHES_H

#include "libc/glibc/x86_64/features.h"

enum cache_level { CACHE_L1I, CACHE_L1D, CACHE_L2, CACHE_L3, CACHE_L4, CACHES };

struct caches {
	/* In bytes, ways, bytes; 0 or -1 if unknown: the value that sysconf() returns then. */
	struct cache {
		long size, assoc, line;
	} level[CACHES];
	long shared;     /* total size of the highest level */
	long per_thread; /* a thread's part of it */
};

void caches_read(struct caches *c, const struct features *f);

#endif

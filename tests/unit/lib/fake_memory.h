/* fake_memory.h: ldso/memory/alloc.h with a malloc() for each allocation, so that the sanitizer sees
 * where it ends and whether it is used after that.
 *
 * An arena has a budget of bytes, a heap that of its arena.  Any allocation can be told to fail.
 */
#ifndef FAKE_MEMORY_H
#define FAKE_MEMORY_H

#include "memory/alloc.h"

struct fake_memory {
	size_t left; /* allocations that succeed, before all others fail */
	size_t made;
};

extern struct fake_memory fake_memory;

void fake_arena_init(struct arena *a, size_t bytes);
/* Frees all blocks, those of a heap over it too; the arena is empty and has no room. */
void fake_arena_free(struct arena *a);

#endif

/* alloc.h: the loader's memory: arenas and a heap, both mapped through the registry.
 *
 * An arena only grows; releasing it to a mark frees everything allocated since.  "permanent" holds
 * the objects of start-up (object/dso.c) and is sealed (made read-only) at the end of start-up;
 * "scratch" holds what a call needs until it returns.  The heap, whose blocks can be freed, lies in
 * "writable": objects that are opened and closed at run time, data of threads (TLS of opened
 * libraries, dlerror's texts), scopes.
 */
#ifndef ALLOC_H
#define ALLOC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/area.h"

struct chunk;

struct arena {
	struct vm *vm;
	const struct vm_owner *owner; /* of the memory, in the registry */
	struct chunk *chunk;          /* the newest one; linked to older ones; NULL: fixed memory */
	struct chunk *spare;          /* a released one, kept for the next call */
	char *next, *end;             /* free bytes of the newest chunk */
	char *clean;                  /* from here on they were never used: zero, and not touched */
	bool sealable;                /* its chunks are whole pages */
};

struct arena_mark {
	struct chunk *chunk;
	char *next;
};

/* Initialises an arena whose first chunk is `first`, zeroed memory that is never freed.  The arena can be sealed
 * only if that consists of whole pages. */
void arena_init(
	struct arena *a, struct vm *vm, const struct vm_owner *owner, void *first, size_t bytes);
/* One that never asks the kernel for more than this zeroed memory, aligned for any type, and does not touch it
 * before something is allocated.  It is neither released to a mark nor sealed. */
void arena_init_fixed(struct arena *a, void *memory, size_t bytes);

/* n zeroed bytes, aligned for any type; NULL when memory is exhausted. */
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s);

struct arena_mark arena_mark(const struct arena *a);
/* Frees what was allocated since the mark and unmaps its chunks, except for a spare one. */
void arena_release(struct arena *a, struct arena_mark mark);

/* Makes all of the arena read-only for good.  What is allocated later comes from new chunks. */
void arena_seal(struct arena *a);

/* A heap of power-of-two blocks from an arena that is never released to a mark.  The caller holds
 * the loader's lock, and is not a signal handler that has interrupted its holder. */
struct heap {
	struct arena *arena;
	void *free[8 * sizeof(size_t)]; /* blocks of 2^i bytes, linked by their first word */
};

void heap_init(struct heap *h, struct arena *arena);

/* A zeroed block of n bytes whose address is congruent to `phase` modulo align (a power of two; 0:
 * any): a TLS block has the alignment and phase of its image.  NULL when memory is exhausted. */
void *heap_alloc(struct heap *h, size_t n, size_t align, uintptr_t phase);
char *heap_strdup(struct heap *h, const char *s);

/* Replaces a full table, to which *table points (NULL: none yet), by a copy with room for twice as
 * many elements (at first `least`), the new ones zeroed, and sets *room to that number.  A signal
 * handler finds the old table or the new one.  false when memory is exhausted; nothing has changed
 * then. */
bool heap_grow(struct heap *h, void *table, size_t element, size_t *room, size_t least);

void heap_free(struct heap *h, void *block);

#endif

/* alloc.h: the loader's memory: arenas and a heap, both fed by the registry.
 *
 * An arena only grows; going back to a mark forgets everything since.  "permanent" holds the
 * objects of start-up (dso.c) and is sealed, read-only for good, when start-up is over; "scratch"
 * holds what a call needs until it returns.  The heap has a free(), and lies over "writable": the
 * objects that are opened and closed at run time, what comes and goes with threads (TLS of opened
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
	const struct vm_owner *owner; /* who the registry says the memory belongs to */
	struct chunk *chunk;          /* the newest one, others behind it */
	struct chunk *spare;          /* one that was released: the next call may need it again */
	char *next, *end;             /* free bytes of the newest chunk */
	bool sealable;                /* its chunks are whole pages */
};

struct arena_mark {
	struct chunk *chunk;
	char *next;
};

/* first is memory for the first chunk, which lives for ever.  The arena can be sealed only if that
 * is whole pages. */
void arena_init(
	struct arena *a, struct vm *vm, const struct vm_owner *owner, void *first, size_t bytes);

/* n zeroed bytes, aligned for any type; NULL when memory is exhausted. */
void *arena_alloc(struct arena *a, size_t n);
char *arena_strdup(struct arena *a, const char *s);

struct arena_mark arena_mark(const struct arena *a);
/* Forgets what was allocated since the mark and gives whole chunks back, but for a spare one. */
void arena_release(struct arena *a, struct arena_mark mark);

/* Makes all of the arena read-only, for ever: nothing can be allocated from it any more. */
void arena_seal(struct arena *a);

/* A heap of power-of-two blocks that come from an arena, which is never released to a mark.  Its
 * caller holds the loader's lock with signals kept out: the first access to a thread's TLS may come
 * from a signal handler. */
struct heap {
	struct arena *arena;
	void *free[8 * sizeof(size_t)]; /* blocks of 2^i bytes, linked by their first word */
};

void heap_init(struct heap *h, struct arena *arena);

/* A zeroed block of n bytes whose address is congruent to `phase` modulo align (a power of two; 0
 * is any): a TLS block keeps its image's.  NULL when memory is exhausted. */
void *heap_alloc(struct heap *h, size_t n, size_t align, uintptr_t phase);
char *heap_strdup(struct heap *h, const char *s);

/* A copy of a full table, with room for twice as many elements (`least` in the place of none), zeroed
 * behind the old ones; *room becomes that number and the old table goes.  NULL when memory is
 * exhausted, and all is as it was. */
void *heap_grow(struct heap *h, void *table, size_t element, size_t *room, size_t least);

void heap_free(struct heap *h, void *block);

#endif

/* fake_memory.c: see fake_memory.h. */
#include "lib/fake_memory.h"

#include <stdlib.h>
#include <string.h>

/* A chunk stands in front of each block, and a pointer to it right before the block. */
enum { ALIGNMENT = 16, FRONT = 48, MOST = 1 << 24 };

struct fake_memory fake_memory = {.left = SIZE_MAX};

struct chunk {
	struct chunk *older, **newer;
	size_t size;
};

_Static_assert(sizeof(struct chunk) + sizeof(void *) <= FRONT, "");

void fake_arena_init(struct arena *a, size_t bytes)
{
	static char room[MOST]; /* only its addresses are used, as a budget */

	if (bytes > sizeof room)
		abort();
	*a = (struct arena){.next = room, .end = room + bytes};
}

void arena_init(
	struct arena *a, struct vm *vm, const struct vm_owner *owner, void *first, size_t bytes)
{
	(void)first, (void)bytes;
	fake_arena_init(a, MOST);
	a->vm = vm;
	a->owner = owner;
}

static void link_chunk(struct arena *a, struct chunk *c)
{
	c->newer = &a->chunk;
	c->older = a->chunk;
	if (c->older)
		c->older->newer = &c->older;
	a->chunk = c;
}

static void free_chunk(struct arena *a, struct chunk *c)
{
	*c->newer = c->older;
	if (c->older)
		c->older->newer = c->newer;
	a->next -= c->size;
	free(c);
}

/* The block ends where the malloc() does unless it is aligned more than that. */
static void *allocate(struct arena *a, size_t n, size_t align, uintptr_t phase)
{
	size_t slack = align > ALIGNMENT || phase % ALIGNMENT ? align : 0;
	struct chunk *c;
	char *block;

	if (n > (size_t)(a->end - a->next) || !fake_memory.left)
		return NULL;
	fake_memory.left--;
	fake_memory.made++;
	c = calloc(1, FRONT + n + slack);
	if (!c)
		abort();
	c->size = n;
	link_chunk(a, c);
	a->next += n;
	block = (char *)c + FRONT;
	block += (phase - (uintptr_t)block) & (align - 1);
	memcpy(block - sizeof c, &c, sizeof c);
	return block;
}

static struct chunk *chunk_of(const void *block)
{
	struct chunk *c;

	memcpy(&c, (const char *)block - sizeof c, sizeof c);
	return c;
}

void *arena_alloc(struct arena *a, size_t n)
{
	return allocate(a, n, ALIGNMENT, 0);
}

char *arena_strdup(struct arena *a, const char *s)
{
	char *copy = arena_alloc(a, strlen(s) + 1);

	return copy ? strcpy(copy, s) : NULL;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunk, a->next};
}

void arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->chunk != mark.chunk)
		free_chunk(a, a->chunk);
}

void arena_seal(struct arena *a)
{
	a->end = a->next;
}

void fake_arena_free(struct arena *a)
{
	arena_release(a, (struct arena_mark){0});
	a->end = a->next;
}

/* ---- the heap ---- */

void heap_init(struct heap *h, struct arena *arena)
{
	*h = (struct heap){.arena = arena};
}

void *heap_alloc(struct heap *h, size_t n, size_t align, uintptr_t phase)
{
	return allocate(h->arena, n, align < ALIGNMENT ? ALIGNMENT : align, phase);
}

char *heap_strdup(struct heap *h, const char *s)
{
	return arena_strdup(h->arena, s);
}

void heap_free(struct heap *h, void *block)
{
	if (block)
		free_chunk(h->arena, chunk_of(block));
}

bool heap_grow(struct heap *h, void *table, size_t element, size_t *room, size_t least)
{
	size_t more = *room ? 2 * *room : least;
	void *grown = heap_alloc(h, more * element, 0, 0), *old;

	if (!grown)
		return false;
	memcpy(&old, table, sizeof old);
	if (old)
		memcpy(grown, old, *room * element);
	memcpy(table, &grown, sizeof grown);
	heap_free(h, old);
	*room = more;
	return true;
}

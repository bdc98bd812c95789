/* alloc.c: arenas that grow by chunks, and a heap of power-of-two blocks.
 *
 * A chunk begins with its header; the first chunk of an arena is static memory of the loader, so
 * that no system call is needed to start a small program.
 */
#include "memory/alloc.h"
#include "base/mem.h"

#define ALIGNMENT  16
#define CHUNK_SIZE ((size_t)64 << 10)
/* Larger chunks are not faulted in at once: much of one may never be used. */
#define POPULATED ((size_t)4 << 20)

struct chunk {
	struct chunk *older;
	size_t size; /* bytes, including this header */
	bool mapped; /* by map_memory(), so unmapped on release */
};

static size_t round_up(size_t n, size_t to)
{
	return (n + to - 1) & -to;
}

static void use_chunk(struct arena *a, void *memory, size_t size, bool mapped)
{
	struct chunk *c = memory;

	c->older = a->chunk;
	c->size = size;
	c->mapped = mapped;
	a->chunk = c;
	a->next = a->clean = (char *)memory + round_up(sizeof *c, ALIGNMENT);
	a->end = (char *)memory + size;
}

/* Maps a chunk.  An arena that has filled one mapped chunk is likely to fill another, so the pages
 * of that are faulted in at once: that takes less time than a fault for each. */
static void *map_memory(const struct arena *a, size_t size)
{
	struct vm_what what = {.kind = VM_ANON,
		.prot = VM_R | VM_W,
		.flags = a->chunk->mapped && size <= POPULATED ? VM_POPULATE : 0,
		.owner = a->owner};
	uintptr_t at;

	return vm_map(a->vm, 0, size, &what, -1, &at) < 0 ? NULL : (void *)at;
}

void arena_init(
	struct arena *a, struct vm *vm, const struct vm_owner *owner, void *first, size_t bytes)
{
	a->vm = vm;
	a->owner = owner;
	a->chunk = a->spare = NULL;
	a->sealable = !(((uintptr_t)first | bytes) & (vm->page - 1));
	use_chunk(a, first, bytes, false);
}

void arena_init_fixed(struct arena *a, void *memory, size_t bytes)
{
	*a = (struct arena){.next = memory, .clean = memory, .end = (char *)memory + bytes};
}

/* Adds a chunk with room for n bytes; false when memory is exhausted. */
static bool add_chunk(struct arena *a, size_t n)
{
	size_t size = round_up(n + sizeof(struct chunk) + ALIGNMENT, CHUNK_SIZE);
	void *memory = a->spare;

	if (!a->chunk)
		return false;
	if (!memory || size != CHUNK_SIZE) {
		memory = map_memory(a, size);
		if (memory)
			use_chunk(a, memory, size, true);
		return memory;
	}
	a->spare = NULL;
	use_chunk(a, memory, size, true);
	a->clean = a->end;
	return true;
}

/* n bytes whose contents are unspecified. */
static void *take(struct arena *a, size_t n)
{
	void *p;

	if (n > SIZE_MAX / 2)
		return NULL;
	n = round_up(n, ALIGNMENT);
	if (n > (size_t)(a->end - a->next) && !add_chunk(a, n))
		return NULL;
	p = a->next;
	a->next += n;
	return p;
}

static void mark_used(struct arena *a)
{
	if (a->next > a->clean)
		a->clean = a->next;
}

/* Clears what has been used before. */
void *arena_alloc(struct arena *a, size_t n)
{
	char *p = take(a, n), *used;

	if (!p)
		return NULL;
	used = a->clean < a->next ? a->clean : a->next;
	if (used > p)
		memset(p, 0, (size_t)(used - p));
	mark_used(a);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = arena_alloc(a, n);

	return copy ? memcpy(copy, s, n) : NULL;
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunk, a->next};
}

void arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->chunk != mark.chunk) {
		struct chunk *c = a->chunk;

		a->chunk = c->older;
		if (!a->spare && c->size == CHUNK_SIZE)
			a->spare = c;
		else
			vm_unmap(a->vm, (uintptr_t)c, c->size);
	}
	a->next = mark.next;
	if (a->end != (char *)mark.chunk + mark.chunk->size)
		a->clean = a->end = (char *)mark.chunk + mark.chunk->size;
}

/* A failure is ignored: that chunk stays writable. */
void arena_seal(struct arena *a)
{
	for (struct chunk *c = a->chunk; c && a->sealable; c = c->older)
		vm_protect(a->vm, (uintptr_t)c, c->size, VM_R);
	a->next = a->end;
}

void heap_init(struct heap *h, struct arena *arena)
{
	*h = (struct heap){.arena = arena};
}

/* Precedes what heap_alloc() returns. */
struct block {
	void *start;  /* of the power-of-two block */
	unsigned log; /* of its size, base 2 */
};

static void *alloc_block(struct heap *h, unsigned log)
{
	void *p = h->free[log];

	if (!p) {
		p = take(h->arena, (size_t)1 << log);
		mark_used(h->arena);
		return p;
	}
	h->free[log] = *(void **)p;
	return p;
}

void *heap_alloc(struct heap *h, size_t n, size_t align, uintptr_t phase)
{
	size_t size;
	unsigned log = 5;
	char *start;
	uintptr_t at;

	phase = align ? phase & (align - 1) : 0; /* mostly 0, and the struct block aligned then */
	if (align < ALIGNMENT)
		align = ALIGNMENT;
	if (n > SIZE_MAX / 4 || align > SIZE_MAX / 4)
		return NULL;
	size = n + align + sizeof(struct block);
	while (((size_t)1 << log) < size)
		log++;
	start = alloc_block(h, log);
	if (!start)
		return NULL;
	at = (uintptr_t)start + sizeof(struct block);
	at += (phase - at) & (align - 1);
	((struct block *)at)[-1] = (struct block){start, log};
	return memset((void *)at, 0, n);
}

char *heap_strdup(struct heap *h, const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = heap_alloc(h, n, 0, 0);

	return copy ? memcpy(copy, s, n) : NULL;
}

void heap_free(struct heap *h, void *block)
{
	struct block b;

	if (!block)
		return;
	b = ((struct block *)block)[-1];
	*(void **)b.start = h->free[b.log];
	h->free[b.log] = b.start;
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
	__atomic_store_n((void **)table, grown, __ATOMIC_RELEASE);
	heap_free(h, old);
	*room = more;
	return true;
}

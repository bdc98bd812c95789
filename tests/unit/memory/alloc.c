/* alloc.c: arenas and the heap over the kernel's own mmap: what they hand out, take back and touch. */
#define _GNU_SOURCE

#include "memory/alloc.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGE = 4096, NODES = 64, FIRST = 4 * PAGE, CHUNK = 64 << 10 };
#define GIB ((size_t)1 << 30)

struct fixture {
	struct vm vm;
	struct vm_area nodes[NODES];
	struct arena arena;
	struct heap heap;
	char *first;              /* the arena's first chunk */
	size_t mapped, populated; /* bytes */
	bool full;                /* nothing can be mapped */
};

/* ---- The kernel ---- */

static int map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	struct fixture *f = ctx;
	void *p;

	(void)at, (void)prot, (void)fd, (void)offset;
	if (f->full)
		return -12; /* ENOMEM */
	p = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1,
		0);
	assert_ptr_not_equal(p, MAP_FAILED);
	f->mapped += len;
	f->populated += flags & VM_POPULATE ? len : 0;
	*out = (uintptr_t)p;
	return 0;
}

static int unmap(void *ctx, uintptr_t at, size_t len)
{
	((struct fixture *)ctx)->mapped -= len;
	return munmap((void *)at, len);
}

static int protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	(void)ctx;
	return mprotect((void *)at, len, prot & VM_W ? PROT_READ | PROT_WRITE : PROT_READ);
}

static const struct vm_backend kernel = {map, unmap, protect};

static int set_up(void **state)
{
	static const struct vm_owner owner = {.name = "test"};
	struct fixture *f = calloc(1, sizeof *f);

	vm_init(&f->vm, &kernel, f, f->nodes, sizeof f->nodes, PAGE, (uintptr_t)1 << 47, PAGE);
	f->first = aligned_alloc(PAGE, FIRST);
	memset(f->first, 0, FIRST);
	arena_init(&f->arena, &f->vm, &owner, f->first, FIRST);
	heap_init(&f->heap, &f->arena);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	free(f->first);
	free(f);
	return 0;
}

static void assert_zero(const unsigned char *p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		assert_int_equal(p[i], 0);
}

static size_t resident(const void *at, size_t bytes)
{
	unsigned char *in_core = malloc(bytes / PAGE + 2);
	size_t n = 0, pages = bytes / PAGE;

	assert_int_equal(
		mincore((void *)((uintptr_t)at & -(uintptr_t)PAGE), pages * PAGE, in_core), 0);
	for (size_t i = 0; i < pages; i++)
		n += in_core[i] & 1;
	free(in_core);
	return n;
}

/* ---- Arenas ---- */

static void zeroed_and_aligned(void **state)
{
	struct fixture *f = *state;

	for (size_t n = 1; n < 3 * CHUNK; n = n * 3 + 1) {
		unsigned char *p = arena_alloc(&f->arena, n);

		assert_int_equal((uintptr_t)p % 16, 0);
		assert_zero(p, n);
		memset(p, 0xbb, n);
	}
	assert_string_equal(arena_strdup(&f->arena, "text"), "text");
	assert_null(arena_alloc(&f->arena, SIZE_MAX / 2 + 1));
}

static void back_to_a_mark(void **state)
{
	struct fixture *f = *state;
	char *kept = arena_strdup(&f->arena, "kept"), *again;
	struct arena_mark mark = arena_mark(&f->arena);

	again = arena_alloc(&f->arena, 100);
	memset(again, 0xcc, 100);
	for (int i = 0; i < 5; i++)
		arena_alloc(&f->arena, CHUNK / 2);
	arena_alloc(&f->arena, 4 * CHUNK);
	arena_release(&f->arena, mark);
	assert_int_equal(f->mapped, CHUNK); /* one is kept for the next call */
	assert_ptr_equal(arena_alloc(&f->arena, 100), again);
	assert_zero((unsigned char *)again, 100);
	arena_alloc(&f->arena, CHUNK / 2);
	assert_int_equal(f->mapped, CHUNK);
	assert_string_equal(kept, "kept");
}

static void without_memory(void **state)
{
	struct fixture *f = *state;
	char longer[FIRST + 1] = "", *p;

	f->full = true;
	assert_null(arena_alloc(&f->arena, FIRST));
	memset(longer, 'x', FIRST);
	assert_null(arena_strdup(&f->arena, longer));
	assert_non_null(p = arena_alloc(&f->arena, 64));
	assert_null(heap_alloc(&f->heap, FIRST, 0, 0));
	f->full = false;
	assert_non_null(arena_alloc(&f->arena, FIRST));
}

/* It has that memory only, and touches nothing before the first allocation. */
static void fixed(void **state)
{
	struct fixture *f = *state;
	static _Alignas(16) char memory[1000], zero[1000];
	struct arena a;

	arena_init_fixed(&a, memory, sizeof memory);
	assert_memory_equal(memory, zero, sizeof memory);
	assert_ptr_equal(arena_alloc(&a, 500), memory);
	assert_null(arena_alloc(&a, 500));
	assert_int_equal(f->mapped, 0);
}

static void sealed_for_good(void **state)
{
	struct fixture *f = *state;
	char *p = arena_strdup(&f->arena, "before"), *later;

	arena_seal(&f->arena);
	later = arena_alloc(&f->arena, 16);
	assert_true(later < f->first || later >= f->first + FIRST);
	*later = 1;
	assert_string_equal(p, "before");
	assert_int_equal(mprotect(f->first, FIRST, PROT_READ | PROT_WRITE), 0); /* for free() */
}

/* ---- The heap ---- */

static void blocks_come_again(void **state)
{
	struct fixture *f = *state;
	unsigned char *p = heap_alloc(&f->heap, 200, 0, 0), *q;

	assert_zero(p, 200);
	memset(p, 0xdd, 200);
	heap_free(&f->heap, p);
	q = heap_alloc(&f->heap, 190, 0, 0);
	assert_ptr_equal(p, q);
	assert_zero(q, 190);
	assert_string_equal(heap_strdup(&f->heap, "copy"), "copy");
	heap_free(&f->heap, NULL);
	assert_null(heap_alloc(&f->heap, SIZE_MAX / 2, 0, 0));
	assert_null(heap_alloc(&f->heap, 1, SIZE_MAX / 2 + 1, 0));
}

static void alignment_and_phase(void **state)
{
	struct fixture *f = *state;

	for (size_t align = 64; align <= CHUNK; align *= 2)
		for (uintptr_t phase = 0; phase < align; phase += align / 4 & -16)
			assert_int_equal(
				((uintptr_t)heap_alloc(&f->heap, 24, align, phase) - phase) % align,
				0);
	assert_int_equal((uintptr_t)heap_alloc(&f->heap, 24, 4, 0x1004) % 16, 0);
	assert_int_equal((uintptr_t)heap_alloc(&f->heap, 24, 0, 3) % 16, 0);
}

static void tables_grow(void **state)
{
	struct fixture *f = *state;
	size_t room = 0;
	long *table = NULL;

	assert_true(heap_grow(&f->heap, &table, sizeof *table, &room, 4));
	assert_int_equal(room, 4);
	for (long i = 0; i < 4; i++)
		table[i] = i;
	assert_true(heap_grow(&f->heap, &table, sizeof *table, &room, 4));
	assert_int_equal(room, 8);
	for (long i = 0; i < 8; i++)
		assert_int_equal(table[i], i < 4 ? i : 0);
	f->full = true;
	while (heap_alloc(&f->heap, sizeof *table * 16, 0, 0))
		;
	assert_false(heap_grow(&f->heap, &table, sizeof *table, &room, 4));
	assert_int_equal(room, 8);
	assert_int_equal(table[3], 3);
}

/* A file may ask for TLS with an alignment far beyond its size. */
static void what_is_not_used_is_not_touched(void **state)
{
	struct fixture *f = *state;
	char *p;

	for (int i = 0; i < 3; i++) /* chunks are faulted in at once from the second on */
		arena_alloc(&f->arena, CHUNK - 64);
	f->populated = 0;
	p = heap_alloc(&f->heap, 28, GIB, 16);
	assert_non_null(p);
	assert_int_equal((uintptr_t)p % GIB, 16);
	assert_true(f->mapped >= 2 * GIB);
	assert_int_equal(f->populated, 0);
	assert_true(resident(p, 64 * CHUNK) <= 1);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(zeroed_and_aligned),
		TEST(back_to_a_mark),
		TEST(without_memory),
		TEST(fixed),
		TEST(sealed_for_good),
		TEST(blocks_come_again),
		TEST(alignment_and_phase),
		TEST(tables_grow),
		TEST(what_is_not_used_is_not_touched),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

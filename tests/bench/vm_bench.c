/* vm_bench.c: what finding an area costs, and at how many areas a tree is worth it.
 *
 * For 2 to 100,000 areas: ns per find by a walk of the sorted list, by the tree alone (vm_lookup)
 * and by the tree behind the last-hit cache (vm_find), for addresses all over the place and for
 * local ones (runs of about 16 in one area), then as the loader finds, with a table where that
 * pays, and what a std::map takes beside it.  The same for the
 * index, which is read without a lock: random addresses without a hint, local ones with it, one
 * address all the time, and what adding costs.  Then a whole start of a program, as the registry
 * sees it: 27 mapping calls with a backend that does nothing.  Arguments are pairs of files: a copy
 * of /proc/PID/maps and a trace of the addresses that were looked up there, one hexadecimal number
 * a line; for each the cache's hit rate is told.
 */
#define _GNU_SOURCE

#include "vm/area.h"
#include "vm/index.h"
#include "vm/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { PAGE = 4096, LOOKUPS = 1 << 16, RUN = 16, REPEATS = 7, MOST = 100000 };

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

/* ---- a backend that does nothing ---- */

static int no_map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	uintptr_t *next = ctx;

	(void)prot, (void)flags, (void)fd, (void)offset;
	if (!at) {
		*next -= len;
		at = *next;
	}
	*out = at;
	return 0;
}

static int no_unmap(void *ctx, uintptr_t at, size_t len)
{
	(void)ctx, (void)at, (void)len;
	return 0;
}

static int no_protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	(void)ctx, (void)at, (void)len, (void)prot;
	return 0;
}

static const struct vm_backend backend = {no_map, no_unmap, no_protect};

/* The table's memory is real. */
static int real_map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	(void)ctx, (void)at, (void)prot, (void)flags, (void)fd, (void)offset;
	*out = (uintptr_t)aligned_alloc(PAGE, len);
	return *out ? 0 : -ENOMEM;
}

static const struct vm_backend real = {real_map, no_unmap, no_protect};

/* ---- finding ---- */

static struct vm_area *by_list(struct vm *vm, uintptr_t addr)
{
	struct vm_area *a = vm->first;

	while (a && a->end <= addr)
		a = a->next;
	return a && a->start <= addr ? a : NULL;
}

static void *more(void *ctx, size_t bytes)
{
	(void)ctx;
	return malloc(bytes);
}

/* As the loader does. */
static struct vm_area *by_table(struct vm *vm, uintptr_t addr)
{
	if (vm_table_due(vm) && vm_make_table(vm, more, NULL))
		abort();
	return vm_find(vm, addr);
}

static struct vm_area *by_tree(struct vm *vm, uintptr_t addr)
{
	return vm_lookup(vm, addr);
}

/* std_map.cc */
void map_clear(void);
void map_add(uintptr_t start, uintptr_t end, void *what);
void *map_find(uintptr_t addr);

static struct vm_area *by_map(struct vm *vm, uintptr_t addr)
{
	(void)vm;
	return map_find(addr);
}

/* The best of several rounds, in ns per find. */
static double time_find(struct vm *vm, struct vm_area *(*find)(struct vm *, uintptr_t),
	const uintptr_t *addrs, size_t n)
{
	double best = 1e18;

	for (int round = 0; round < REPEATS; round++) {
		double start = now(), took;
		for (size_t i = 0; i < n; i++) {
			if (!find(vm, addrs[i]))
				abort();
		}
		took = (now() - start) / n;
		best = took < best ? took : best;
	}
	return best;
}

/* Areas of a page each, a page apart, inserted in a random order as loading and unloading would
 * leave them. */
static void build(struct vm *vm, struct vm_area *pool, size_t n)
{
	const struct vm_what what = {.kind = VM_ANON, .prot = VM_R};
	size_t *order = malloc(n * sizeof *order);

	if (!order)
		abort();
	map_clear();
	vm_init(vm, &real, NULL, pool, (MOST + 2) * sizeof *pool, PAGE,
		(uintptr_t)(2 * n + 2) * PAGE, PAGE);
	for (size_t i = 0; i < n; i++) {
		size_t j = (size_t)rand() % (i + 1);
		order[i] = order[j];
		order[j] = i;
	}
	for (size_t i = 0; i < n; i++) {
		uintptr_t at = (2 * order[i] + 1) * PAGE;
		if (vm_adopt(vm, at, at + PAGE, &what))
			abort();
		map_add(at, at + PAGE, vm);
	}
	free(order);
}

/* Addresses to look up in n areas: in any, or local ones. */
static uintptr_t *addresses(size_t n, bool local)
{
	uintptr_t *addrs = malloc(LOOKUPS * sizeof *addrs);

	if (!addrs)
		abort();
	for (size_t i = 0; i < LOOKUPS; i++) {
		bool stay = local && i && (unsigned)rand() % RUN;
		size_t area = (size_t)rand() % n;
		addrs[i] = (stay ? addrs[i - 1] & ~(uintptr_t)(PAGE - 1) : (2 * area + 1) * PAGE) +
			   (unsigned)rand() % PAGE;
	}
	return addrs;
}

static void find_row(struct vm_area *pool, size_t n, bool local)
{
	/* A walk of 100,000 areas takes long: fewer of them tell as much. */
	size_t by_walk = n > 1000 ? LOOKUPS * 100 / n : LOOKUPS;
	uintptr_t *addrs = addresses(n, local);
	struct vm vm;
	double list, tree, cache, table, map;
	unsigned long hits, misses;

	build(&vm, pool, n);
	list = time_find(&vm, by_list, addrs, by_walk);
	tree = time_find(&vm, by_tree, addrs, LOOKUPS);
	cache = time_find(&vm, vm_find, addrs, LOOKUPS);
	hits = vm.hits;
	misses = vm.misses;
	table = time_find(&vm, by_table, addrs, LOOKUPS);
	map = time_find(&vm, by_map, addrs, LOOKUPS);
	printf("%8zu  %-7s %12.1f %12.1f %12.1f %9.1f %% %12.1f %12.1f %7.2f  %s\n", n,
		local ? "local" : "random", list, tree, cache, 100.0 * hits / (hits + misses),
		table, map, table / map,
		list <= tree && list <= cache ? "list"
		: cache < tree                ? "tree + cache"
					      : "tree");
	free(addrs);
}

/* ---- the index ---- */

static void *more_memory(void *ctx, size_t bytes)
{
	void *p = aligned_alloc(64, (bytes + 63) & ~(size_t)63);

	(void)ctx;
	return p ? memset(p, 0, bytes) : NULL;
}

/* ns per entry, when each is added below the last (as the kernel places libraries) or above it: the
 * best of several rounds. */
static double fill(struct vm_index *ix, size_t n, bool down)
{
	double best = 1e18;

	for (int round = 0; round < REPEATS; round++) {
		double start = now(), took;

		vm_index_init(ix, NULL, 0, more_memory, NULL);
		for (size_t i = 0; i < n; i++) {
			uintptr_t at = (2 * (down ? n - 1 - i : i) + 1) * PAGE;
			struct vm_index_entry e = {at, at + PAGE, ix, NULL};

			if (vm_index_add(ix, &e))
				abort();
		}
		took = (now() - start) / n;
		best = took < best ? took : best;
	}
	return best;
}

static double time_index(const struct vm_index *ix, const uintptr_t *addrs, bool hinted)
{
	double best = 1e18;
	size_t hint = 0;

	for (int round = 0; round < REPEATS; round++) {
		double start = now(), took;
		for (size_t i = 0; i < LOOKUPS; i++) {
			struct vm_index_entry e;
			if (!vm_index_find(ix, addrs[i], hinted ? &hint : NULL, &e))
				abort();
		}
		took = (now() - start) / LOOKUPS;
		best = took < best ? took : best;
	}
	return best;
}

static void index_row(size_t n)
{
	uintptr_t *random = addresses(n, false), *local = addresses(n, true),
		  *same = malloc(LOOKUPS * sizeof *same);
	struct vm_index ix;
	double up = fill(&ix, n, false), down = fill(&ix, n, true);

	if (!same)
		abort();
	for (size_t i = 0; i < LOOKUPS; i++)
		same[i] = random[0];
	printf("%8zu %12.1f %12.1f %12.1f %12.1f %12.1f\n", n, time_index(&ix, random, false),
		time_index(&ix, local, true), time_index(&ix, same, true), down, up);
	free(random);
	free(local);
	free(same);
}

/* ---- a start ---- */

struct segment {
	enum vm_kind kind;
	unsigned prot;
	size_t page, pages;
};

static void load_object(struct vm *vm, const struct vm_owner *owner)
{
	static const struct segment segments[] = {
		{VM_FILE, VM_R, 0, 20},
		{VM_FILE, VM_R | VM_X, 20, 80},
		{VM_FILE, VM_R, 100, 40},
		{VM_FILE, VM_R | VM_W, 140, 4},
		{VM_ANON, VM_R | VM_W, 144, 6},
	};
	uintptr_t base;

	if (vm_reserve(vm, 0, 150 * PAGE, PAGE, 0, owner, &base))
		abort();
	for (size_t i = 0; i < sizeof segments / sizeof *segments; i++) {
		const struct segment *s = &segments[i];
		const struct vm_what what = {.kind = s->kind,
			.prot = s->prot,
			.flags = VM_FIXED,
			.owner = owner,
			.offset = s->page * PAGE,
			.dev = 1,
			.ino = 1};
		if (vm_map(vm, base + s->page * PAGE, s->pages * PAGE, &what, 3, NULL))
			abort();
	}
	if (vm_protect(vm, base + 140 * PAGE, 2 * PAGE, VM_R))
		abort();
}

static void start_up(struct vm *vm, struct vm_area *pool, uintptr_t *next)
{
	static const struct vm_owner owners[] = {
		{.name = "program"}, {.name = "libc"}, {.name = "libz"}};
	const struct vm_what stack = {.kind = VM_STACK, .prot = VM_R | VM_W, .flags = VM_FOREIGN};
	const struct vm_what file = {.kind = VM_FILE, .prot = VM_R, .flags = VM_FOREIGN};
	const uintptr_t top = (uintptr_t)1 << (sizeof top * 8 - 2);

	*next = top / 2;
	vm_init(vm, &backend, next, pool, 64 * sizeof *pool, PAGE, top, PAGE);
	for (uintptr_t i = 1; i < 6; i++) {
		if (vm_adopt(vm, top / 2 + 2 * i * PAGE, top / 2 + (2 * i + 1) * PAGE, &file))
			abort();
	}
	if (vm_adopt(vm, top - 9 * PAGE, top - PAGE, &stack))
		abort();
	for (int i = 0; i < 3; i++)
		load_object(vm, &owners[i]);
}

static void time_start(struct vm_area *pool)
{
	double best = 1e18, first = 0;
	struct vm vm;
	uintptr_t next;

	for (int round = 0; round < 2000; round++) {
		double start = now(), took;
		start_up(&vm, pool, &next);
		took = now() - start;
		first = round ? first : took;
		best = took < best ? took : best;
	}
	printf("\na start of three objects: %zu areas, %.2f us (the first, cold: %.2f us)\n",
		vm.count, best / 1e3, first / 1e3);
}

/* ---- recorded traces ---- */

static long read_file(void *ctx, void *buf, size_t n)
{
	long got = read(*(int *)ctx, buf, n);

	return got < 0 ? -errno : got;
}

static int replay(struct vm_area *pool, const char *maps, const char *trace)
{
	int fd = open(maps, O_RDONLY);
	FILE *in = fopen(trace, "r");
	struct vm_source source = {read_file, &fd};
	unsigned long long addr;
	unsigned long found = 0;
	struct vm vm;
	int err;

	if (fd < 0 || !in) {
		fprintf(stderr, "vm_bench: %s: %s\n", fd < 0 ? maps : trace, strerror(errno));
		return 1;
	}
	vm_init(&vm, &backend, NULL, pool, (MOST + 2) * sizeof *pool, PAGE, UINTPTR_MAX, PAGE);
	err = vm_refresh(&vm, &source);
	if (err) {
		fprintf(stderr, "vm_bench: %s: no list of mappings: %s\n", maps, strerror(-err));
		return 1;
	}
	while (fscanf(in, "%llx", &addr) == 1)
		found += vm_find(&vm, (uintptr_t)addr) != NULL;
	if (!feof(in)) {
		fprintf(stderr, "vm_bench: %s: not one hexadecimal address a line\n", trace);
		return 1;
	}
	printf("%s: %zu areas, %lu lookups, %lu found, cache hit rate %.1f %%\n", trace, vm.count,
		vm.hits + vm.misses, found,
		vm.hits + vm.misses ? 100.0 * vm.hits / (vm.hits + vm.misses) : 0.0);
	fclose(in);
	close(fd);
	return 0;
}

int main(int argc, char **argv)
{
	static const size_t counts[] = {2, 5, 10, 30, 100, 1000, 10000, MOST};
	struct vm_area *pool = calloc(MOST + 2, sizeof *pool);
	int failed = 0;

	if (!pool || argc % 2 == 0) {
		fprintf(stderr, "usage: vm_bench [MAPS TRACE]...\n");
		return 2;
	}
	time_start(pool);
	printf("\n%8s  %-7s %12s %12s %12s %11s %12s %12s %7s\n", "areas", "access", "list ns",
		"tree ns", "cached ns", "hit rate", "table ns", "std::map ns", "ratio");
	for (int local = 0; local < 2; local++) {
		for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
			find_row(pool, counts[i], local);
	}
	printf("\n%8s %12s %12s %12s %12s %12s\n", "index", "random ns", "local ns", "hint ns",
		"add down ns", "add up ns");
	for (size_t i = 0; counts[i] < MOST; i++)
		index_row(counts[i]);
	for (int i = 1; i + 1 < argc; i += 2)
		failed |= replay(pool, argv[i], argv[i + 1]);
	free(pool);
	return failed;
}

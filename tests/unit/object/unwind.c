/* unwind.c: what _dl_find_object answers, beside the C library's own (glibc 2.35 and newer).
 *
 * The objects of this very process are added, and for the addresses around every bound the two
 * answers are compared.  The program is linked with holes between its segments, which the kernel
 * leaves open; those of libraries are reserved.
 *
 * Needs: ldso/memory/alloc.c ldso/base/diag.c ldso/object/dso.c ldso/object/unwind.c ldso/load/map.c ldso/base/sys.c
 * vm/area.c vm/index.c vm/place.c vm/rbtree.c vm/journal.c vm/table.c
 * Flags: -O1 -fsanitize=address,undefined -fno-sanitize-recover=all -ffunction-sections
 * -Wl,--gc-sections -Wl,-z,max-page-size=0x200000 -Wl,-z,separate-code
 */
#include "object/unwind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "dl/dl.h"
#include "load/map.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

/* <dlfcn.h> and <link.h> have structs of the same names. */
int _dl_find_object(void *, struct dl_find_object *) __attribute__((weak));
int dl_iterate_phdr(int (*)(struct dl_phdr_info *, size_t, void *), void *);
extern struct r_debug _r_debug;

enum { OBJECTS = 64, MANY = 4000, PAGE = 4096 };

struct fixture {
	struct loader ld;
	struct dso objects[OBJECTS];
	struct link_map own[OBJECTS];
	struct link_map *maps[OBJECTS];
	size_t count;
	char areas[40 * OBJECTS * sizeof(struct vm_area)], text[1 << 12], first[1 << 12];
	void *mapped[16];
	size_t nmapped, room; /* bytes that may still be mapped */
};

static int map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	struct fixture *f = ctx;

	(void)at, (void)prot, (void)flags, (void)fd, (void)offset;
	if (len > f->room)
		return -12;
	assert_in_range(f->nmapped, 0, 15);
	f->room -= len;
	f->mapped[f->nmapped] = aligned_alloc(PAGE, len);
	memset(f->mapped[f->nmapped], 0, len);
	*out = (uintptr_t)f->mapped[f->nmapped++];
	return 0;
}

static int unmap(void *ctx, uintptr_t at, size_t len)
{
	(void)ctx, (void)at, (void)len;
	return 0;
}

static const struct vm_backend backend = {.map = map, .unmap = unmap};

/* One for all tests: the index is the process'. */
static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	f->room = (size_t)1 << 17;
	f->ld.diag.arena = &f->ld.scratch;
	f->ld.config.page = PAGE;
	vm_init(&f->ld.vm, &backend, f, f->areas, sizeof f->areas, PAGE, UINTPTR_MAX, PAGE);
	arena_init(&f->ld.scratch, &f->ld.vm, NULL, f->text, sizeof f->text);
	arena_init(&f->ld.writable, &f->ld.vm, NULL, f->first, sizeof f->first);
	heap_init(&f->ld.heap, &f->ld.writable);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	while (f->nmapped)
		free(f->mapped[--f->nmapped]);
	free(f);
	return 0;
}

/* ---- Beside the C library ---- */

static struct link_map *map_of(uintptr_t base, const char *name)
{
	struct link_map *map = _r_debug.r_map;

	while (map && (map->l_addr != base || strcmp(map->l_name, name) != 0))
		map = map->l_next;
	return map;
}

static int adopt(struct dl_phdr_info *info, size_t size, void *data)
{
	struct fixture *f = data;
	struct dso *d = &f->objects[f->count];
	struct vm_what hole = {.kind = VM_RESERVED, .owner = &d->owner};

	(void)size;
	assert_true(f->count < OBJECTS);
	d->kind = f->count ? DSO_LIBRARY : DSO_PROGRAM;
	d->map = &f->own[f->count];
	assert_int_equal(map_adopt(&f->ld, d, info->dlpi_phdr, info->dlpi_phnum, info->dlpi_addr,
				 info->dlpi_name),
		0);
	for (uintptr_t at = d->start; d->kind == DSO_LIBRARY && at < d->end; at += PAGE)
		if (!vm_lookup(&f->ld.vm, at))
			assert_int_equal(vm_adopt(&f->ld.vm, at, at + PAGE, &hole), 0);
	f->maps[f->count] = map_of(info->dlpi_addr, info->dlpi_name);
	assert_int_equal(unwind_add(&f->ld, d, f->maps[f->count]), 0);
	f->count++;
	return 0;
}

static void compare(uintptr_t addr)
{
	struct dl_find_object ours = {.dlfo_flags = 7, .reserved = {8, 9}}, theirs = ours;
	int expected = _dl_find_object((void *)addr, &theirs);

	assert_int_equal(unwind_find_object((void *)addr, &ours), expected);
	assert_memory_equal(&ours, &theirs, sizeof ours);
}

static void compare_around(uintptr_t addr)
{
	compare(addr - 1);
	compare(addr);
	compare(addr + 1);
}

static bool is_found(const struct dso *d, const struct link_map *map)
{
	struct dl_find_object found;

	return unwind_find_object((void *)(d->base + d->phdr->p_vaddr), &found) == 0 &&
	       found.dlfo_link_map == map;
}

/* One after the other, in a random order. */
static void remove_all(struct fixture *f)
{
	bool gone[OBJECTS] = {false};

	for (size_t left = f->count; left;) {
		size_t i = (size_t)rand() % f->count;

		if (gone[i])
			continue;
		unwind_remove(&f->objects[i]);
		gone[i] = true;
		left--;
		for (size_t k = 0; k < f->count; k++)
			assert_int_equal(is_found(&f->objects[k], f->maps[k]), !gone[k]);
	}
}

static void as_the_c_library(void **state)
{
	struct fixture *f = *state;
	size_t with_table = 0;

	if (!_dl_find_object)
		skip();
	dl_iterate_phdr(adopt, f);
	assert_true(f->count > 3);
	for (size_t i = 0; i < f->count; i++) {
		const struct dso *d = &f->objects[i];
		struct dl_find_object found;

		compare_around(d->start);
		compare_around(d->end);
		for (size_t k = 0; k < d->phnum; k++) {
			const Elf_Phdr *p = &d->phdr[k];
			uintptr_t start = d->base + p->p_vaddr, end = start + p->p_memsz;

			if (p->p_type != PT_LOAD)
				continue;
			compare_around(start);
			compare_around(start & -PAGE);
			compare_around(end);
			compare_around((end + PAGE - 1) & -PAGE);
		}
		for (int k = 0; k < 1000; k++)
			compare(d->start + (uintptr_t)rand() % (d->end - d->start));
		assert_int_equal(unwind_find_object(d->phdr, &found), 0);
		with_table += found.dlfo_eh_frame != NULL;
	}
	assert_true(with_table > 2);
	compare(0);
	compare(UINTPTR_MAX);
	compare((uintptr_t)f);
	compare((uintptr_t)&f);
	remove_all(f);
}

/* ---- Objects that are made up ---- */

static struct dso made_up(const Elf_Phdr *phdr, size_t phnum, uintptr_t at)
{
	return (struct dso){.path = "/lib/made-up.so",
		.base = at,
		.start = at,
		.end = at + 2 * PAGE,
		.phdr = phdr,
		.phnum = phnum};
}

/* A table that is not in memory is none. */
static void bad_table(void **state)
{
	struct fixture *f = *state;
	static const struct {
		uintptr_t vaddr, size;
		bool good;
	} tables[] = {{0x10, 0x20, true}, {0xff0, 0x10, true}, {0xff0, 0x11, false},
		{0x3000, 8, false}, {0x10, UINTPTR_MAX, false}, {-(uintptr_t)16, 16, false}};

	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		const Elf_Phdr phdr[] = {
			{.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = PAGE},
			{.p_type = PT_GNU_EH_FRAME,
				.p_flags = PF_R,
				.p_vaddr = tables[i].vaddr,
				.p_memsz = tables[i].size},
		};
		struct dso d = made_up(phdr, 2, 0x100000);
		struct link_map map;
		struct dl_find_object found;

		assert_int_equal(unwind_add(&f->ld, &d, &map), 0);
		assert_int_equal(unwind_find_object((void *)0x100010, &found), 0);
		assert_ptr_equal(
			found.dlfo_eh_frame, tables[i].good ? dso_at(&d, tables[i].vaddr) : NULL);
		unwind_remove(&d);
		assert_false(is_found(&d, &map));
	}
}

/* The span begins with a page, a segment need not. */
static void first_page(void **state)
{
	struct fixture *f = *state;
	const Elf_Phdr phdr = {
		.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = 0x40, .p_memsz = PAGE};
	struct dso d = made_up(&phdr, 1, 0x100000);
	struct link_map map;
	const struct vm_what what = {.kind = VM_ANON, .prot = VM_R, .owner = &d.owner};

	for (int solid = 0; solid < 2; solid++) {
		uintptr_t start = solid ? d.start : d.start + 0x40;
		struct dl_find_object found;

		if (solid)
			assert_int_equal(vm_adopt(&f->ld.vm, d.start, d.end, &what), 0);
		assert_int_equal(unwind_add(&f->ld, &d, &map), 0);
		assert_int_equal(unwind_find_object((void *)(start - 1), &found), -1);
		assert_int_equal(unwind_find_object((void *)start, &found), 0);
		assert_ptr_equal(found.dlfo_map_start, start);
		assert_ptr_equal(found.dlfo_map_end, d.base + 0x40 + PAGE);
		unwind_remove(&d);
		assert_false(is_found(&d, &map));
	}
}

/* Until the heap is empty: then the last one is not found, and all others are. */
static void many(void **state)
{
	struct fixture *f = *state;
	const Elf_Phdr phdr[] = {
		{.p_type = PT_LOAD, .p_flags = PF_R, .p_memsz = PAGE},
		{.p_type = PT_LOAD, .p_flags = PF_R, .p_vaddr = PAGE + 16, .p_memsz = 16},
	};
	struct dso *d = calloc(MANY, sizeof *d);
	struct link_map *maps = calloc(MANY, sizeof *maps);
	size_t n;
	char text[200];

	for (n = 0; n < MANY; n++) {
		d[n] = made_up(phdr, 2, (3 * n + 1) * PAGE);
		if (unwind_add(&f->ld, &d[n], &maps[n]) < 0)
			break;
	}
	assert_in_range(n, 100, MANY - 1);
	diag_text(&f->ld.diag, text, sizeof text);
	assert_non_null(strstr(text, "/lib/made-up.so: "));
	assert_non_null(strstr(text, "memory"));
	assert_false(is_found(&d[n], &maps[n]));
	for (size_t i = 0; i < n; i++)
		assert_true(is_found(&d[i], &maps[i]));
	for (size_t i = 0; i < n; i++) {
		unwind_remove(&d[i]);
		assert_false(is_found(&d[i], &maps[i]));
		assert_true(i + 1 == n || is_found(&d[i + 1], &maps[i + 1]));
	}
	free(maps);
	free(d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_the_c_library),
		cmocka_unit_test(bad_table),
		cmocka_unit_test(first_page),
		cmocka_unit_test(many),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}

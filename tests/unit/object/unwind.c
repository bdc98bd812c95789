/* unwind.c: what _dl_find_object answers, beside the C library's own (glibc 2.35 and newer).
 *
 * The objects of this very process are added, and for the addresses around every bound the two
 * answers are compared.  The program is linked with holes between its segments, which the kernel
 * leaves open; those of libraries are reserved.
 *
 * Link: -Wl,-z,max-page-size=0x200000 -Wl,-z,separate-code
 */
#include "object/unwind.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/host_objects.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

int _dl_find_object(void *, struct dl_find_object *) __attribute__((weak));

enum { OBJECTS = 64, MANY = 4000, PAGE = FAKE_PAGE };

struct fixture {
	struct loader ld;
	struct dso objects[OBJECTS];
	struct link_map own[OBJECTS];
	struct link_map *maps[OBJECTS];
	size_t count;
};

/* One for all tests: the index is the process'. */
static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	struct fixture *f = *state;

	fake_loader_free(&f->ld);
	free(f);
	return 0;
}

/* ---- Beside the C library ---- */

/* The object, and what the kernel has mapped of it. */
static void take_segments(struct fixture *f, struct dso *d, const struct host_object *o)
{
	const struct vm_what what = {
		.kind = VM_FILE, .prot = VM_R, .flags = VM_FOREIGN, .owner = &d->owner};

	d->path = o->name;
	d->base = o->base;
	d->phdr = o->phdr;
	d->phnum = o->phnum;
	d->start = UINTPTR_MAX;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		uintptr_t start = loader_page_down(&f->ld, d->base + p->p_vaddr);
		uintptr_t end = loader_page_up(&f->ld, d->base + p->p_vaddr + p->p_memsz);

		assert_int_equal(vm_adopt(&f->ld.vm, start, end, &what), 0);
		d->start = start < d->start ? start : d->start;
		d->end = end;
	}
}

static void adopt(struct fixture *f, const struct host_object *o)
{
	struct dso *d = &f->objects[f->count];
	struct vm_what hole = {.kind = VM_RESERVED, .flags = VM_FOREIGN, .owner = &d->owner};

	d->kind = f->count ? DSO_LIBRARY : DSO_PROGRAM;
	d->map = &f->own[f->count];
	take_segments(f, d, o);
	for (uintptr_t at = d->start; d->kind == DSO_LIBRARY && at < d->end; at += PAGE)
		if (!vm_lookup(&f->ld.vm, at))
			assert_int_equal(vm_adopt(&f->ld.vm, at, at + PAGE, &hole), 0);
	f->maps[f->count] = o->map;
	assert_int_equal(unwind_add(&f->ld, d, f->maps[f->count]), 0);
	f->count++;
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
	struct host_object host[OBJECTS];
	size_t with_table = 0, n;

	if (!_dl_find_object)
		skip();
	n = host_objects(host, OBJECTS);
	for (size_t i = 0; i < n; i++)
		adopt(f, &host[i]);
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
	const struct vm_what what = {
		.kind = VM_ANON, .prot = VM_R, .flags = VM_FOREIGN, .owner = &d.owner};

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

/* table.c: what is found by the table, beside a walk along the list.
 *
 * Hundreds of areas come, go, grow and shrink; after each change many addresses are asked, with the
 * table, without it, and with no memory for it.
 */
#include "vm/area.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PAGE = 4096, PAGES = 3000, NODES = 2 * PAGES };

static bool memory;
static void *tables[16];
static size_t ntables;

static int map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	(void)ctx, (void)at, (void)len, (void)prot, (void)flags, (void)fd, (void)offset, (void)out;
	return -12;
}

/* For tables. */
static void *more(void *ctx, size_t bytes)
{
	(void)ctx;
	if (!memory)
		return NULL;
	assert_in_range(ntables, 0, 15);
	return tables[ntables++] = malloc(bytes);
}

static int unmap(void *ctx, uintptr_t at, size_t len)
{
	(void)ctx, (void)at, (void)len;
	return 0;
}

static int protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	(void)ctx, (void)at, (void)len, (void)prot;
	return 0;
}

static const struct vm_backend backend = {map, unmap, protect};

struct fixture {
	struct vm vm;
	struct vm_area nodes[NODES];
};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	srand(1);
	memory = true;
	vm_init(&f->vm, &backend, NULL, f->nodes, sizeof f->nodes, PAGE, UINTPTR_MAX, PAGE);
	*state = f;
	return 0;
}

static int tear_down(void **state)
{
	while (ntables)
		free(tables[--ntables]);
	free(*state);
	return 0;
}

static void change(struct fixture *f, size_t pages)
{
	const struct vm_what what = {.kind = VM_ANON, .prot = (unsigned)rand() % 8};
	uintptr_t at = (1 + (uintptr_t)rand() % PAGES) * PAGE;
	size_t len = (1 + (size_t)rand() % pages) * PAGE;

	if (rand() % 3)
		assert_int_equal(vm_adopt(&f->vm, at, at + len, &what), 0);
	else
		assert_int_equal(vm_unmap(&f->vm, at, len), 0);
}

static struct vm_area *by_list(const struct vm *vm, uintptr_t addr)
{
	struct vm_area *a = vm->first;

	while (a && a->end <= addr)
		a = a->next;
	return a && a->start <= addr ? a : NULL;
}

static void ask(struct fixture *f, size_t times)
{
	while (times--) {
		uintptr_t addr = (uintptr_t)rand() % ((PAGES + 20) * PAGE);

		if (rand() % 100 == 0)
			addr = -addr;
		assert_ptr_equal(vm_lookup(&f->vm, addr), by_list(&f->vm, addr));
		assert_ptr_equal(vm_find(&f->vm, addr), by_list(&f->vm, addr));
	}
}

static void check(const struct fixture *f)
{
	const char *why = "";

	if (vm_check(&f->vm, &why))
		fail_msg("%s", why);
}

static void fill(struct fixture *f)
{
	while (f->vm.count < 700)
		change(f, 3);
}

static void as_the_list(void **state)
{
	struct fixture *f = *state;

	for (int round = 0; round < 300; round++) {
		for (int i = rand() % 30; i--;)
			change(f, round % 30 ? 3 : 300);
		if (rand() % 3)
			assert_int_equal(vm_make_table(&f->vm, more, f), 0);
		check(f);
		ask(f, 30);
		change(f, 3);
		assert_false(f->vm.table.valid && f->vm.table.room < f->vm.count);
		check(f);
		ask(f, 30);
	}
	assert_true(f->vm.count > 300);
}

/* Tables that just hold all, and those that are just too small. */
static void full_rooms(void **state)
{
	struct fixture *f = *state;
	const struct vm_what what = {.kind = VM_ANON};

	for (uintptr_t n = 1; n < 1100; n++) {
		assert_int_equal(vm_adopt(&f->vm, 2 * n * PAGE, (2 * n + 1) * PAGE, &what), 0);
		if (n < 230)
			continue;
		assert_int_equal(vm_make_table(&f->vm, more, f), 0);
		assert_ptr_equal(vm_find(&f->vm, 2 * n * PAGE), by_list(&f->vm, 2 * n * PAGE));
		assert_null(vm_find(&f->vm, (2 * n + 1) * PAGE));
		assert_ptr_equal(vm_lookup(&f->vm, f->vm.last->start), f->vm.last);
		check(f);
	}
}

/* As many questions as there are areas, and no change meanwhile. */
static void due(void **state)
{
	struct fixture *f = *state;
	size_t asked = 0;

	assert_false(vm_table_due(&f->vm));
	fill(f);
	for (; !vm_table_due(&f->vm); asked++)
		ask(f, 1);
	assert_in_range(asked, f->vm.count, 2 * f->vm.count);
	assert_int_equal(vm_unmap(&f->vm, f->vm.last->start, PAGE), 0);
	assert_false(vm_table_due(&f->vm));
	ask(f, 2 * f->vm.count);
	assert_true(vm_table_due(&f->vm));
	assert_int_equal(vm_make_table(&f->vm, more, f), 0);
	assert_false(vm_table_due(&f->vm));
	ask(f, 5000);
	assert_false(vm_table_due(&f->vm));
}

static void no_memory(void **state)
{
	struct fixture *f = *state;

	fill(f);
	memory = false;
	assert_int_equal(vm_make_table(&f->vm, more, f), -12);
	check(f);
	ask(f, 100);
	assert_false(f->vm.table.valid);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_the_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(full_rooms, set_up, tear_down),
		cmocka_unit_test_setup_teardown(due, set_up, tear_down),
		cmocka_unit_test_setup_teardown(no_memory, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

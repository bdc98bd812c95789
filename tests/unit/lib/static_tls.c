/* static_tls.c: see static_tls.h.
 *
 * Modules of random sizes, alignments and p_vaddr.  Whatever the layout is: each block is congruent
 * to its p_vaddr, none overlaps another or what the loader keeps there, all lie on the right side of
 * the thread pointer and within the area, and the image has each one's bytes in its place.
 */
#include "lib/static_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "lib/fake_loader.h"
#include "lib/symbols.h"
#include "tls/tls.h"

#undef fail /* cmocka has its own */
#include <cmocka.h>

enum { MODULES = 20, LARGEST = 300, MOST_LOG = 8, SURPLUS = 1024, ROUNDS = 300 };

struct fixture {
	struct loader ld;
	struct dso *modules[MODULES];
	size_t count;
	unsigned char bytes[MODULES][LARGEST];
};

static int started(struct loader *ld, struct dso *d)
{
	(void)ld, (void)d;
	return 0;
}

static const struct libc_abi abi = {
	.name = "tls", .tls_surplus = SURPLUS, .start_static_tls = started};

static int set_up(void **state)
{
	struct fixture *f = calloc(1, sizeof *f);

	fake_loader_init(&f->ld);
	f->ld.abi = &abi;
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

static struct fixture *again(void **state)
{
	tear_down(state);
	set_up(state);
	return *state;
}

static struct dso *add_module(struct fixture *f)
{
	size_t i = f->count++;
	struct dso *d = f->modules[i] = sample_object(&f->ld, "/lib.so");

	d->tls.memsz = any(LARGEST);
	d->tls.filesz = any(d->tls.memsz + 1);
	d->tls.align = (size_t)1 << any(MOST_LOG);
	d->tls.vaddr = any(1000);
	d->tls.image = (uintptr_t)f->bytes[i];
	for (size_t k = 0; k < d->tls.filesz; k++)
		f->bytes[i][k] = (unsigned char)(1 + any(255));
	assert_int_equal(tls_add(&f->ld, d), 0);
	return d;
}

/* ---- What must hold ---- */

static bool overlap(ptrdiff_t a, size_t alen, ptrdiff_t b, size_t blen)
{
	return alen && blen && a < b + (ptrdiff_t)blen && b < a + (ptrdiff_t)alen;
}

/* Offsets count from a thread pointer that is aligned as the area is. */
static void assert_within(
	const struct fixture *f, ptrdiff_t offset, size_t size, size_t align, uintptr_t vaddr)
{
	const struct tls *t = &f->ld.tls;
	size_t at = tls_image_offset(&f->ld, offset);

	assert_int_equal(((uintptr_t)offset - vaddr) & (align - 1), 0);
	assert_true(t->align >= align);
	if (ARCH_TLS_BELOW_TP)
		assert_true(offset + (ptrdiff_t)size <= 0 && -offset <= (ptrdiff_t)t->size);
	else
		assert_true(offset >= ARCH_TLS_GAP && (size_t)offset + size <= t->size);
	assert_true(at <= tls_image_size(&f->ld) && size <= tls_image_size(&f->ld) - at);
}

static void assert_apart(const struct fixture *f, ptrdiff_t offset, size_t size, const void *self)
{
	for (size_t i = 0; i < f->count; i++) {
		const struct dso_tls *m = &f->modules[i]->tls;

		if (m != self && m->is_static)
			assert_false(overlap(offset, size, m->offset, m->memsz));
	}
}

static void assert_layout(const struct fixture *f)
{
	size_t size = f->ld.tls.size, align = f->ld.tls.align;

	assert_int_equal(tls_image_size(&f->ld),
		ARCH_TLS_BELOW_TP ? (size + align - 1) & -align : size - ARCH_TLS_GAP);
	for (size_t i = 0; i < f->count; i++) {
		const struct dso_tls *m = &f->modules[i]->tls;

		if (!m->is_static)
			continue;
		assert_within(f, m->offset, m->memsz, m->align, m->vaddr);
		assert_apart(f, m->offset, m->memsz, m);
	}
	assert_within(f, f->ld.tls.slot, sizeof(struct tls_thread), sizeof(uintptr_t), 0);
	assert_apart(f, f->ld.tls.slot, sizeof(struct tls_thread), NULL);
}

/* Each initialised byte in its place, and nothing else. */
static void assert_image(const struct fixture *f)
{
	size_t size = tls_image_size(&f->ld), others = 0, set = 0;
	unsigned char *image = calloc(1, size + 1);

	tls_fill_image(&f->ld, (char *)image);
	for (size_t i = 0; i < f->count; i++) {
		const struct dso_tls *m = &f->modules[i]->tls;

		if (!m->is_static)
			continue;
		assert_memory_equal(
			image + tls_image_offset(&f->ld, m->offset), f->bytes[i], m->filesz);
		set += m->filesz;
	}
	for (size_t i = 0; i < size; i++)
		others += image[i] != 0;
	assert_int_equal(others, set);
	free(image);
}

/* ---- Layouts ---- */

static void lay_out(struct fixture *f, size_t n)
{
	f->ld.program = add_module(f);
	while (f->count < n)
		add_module(f);
	tls_lay_out(&f->ld);
}

static void any_layout(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t size = any(100), align = (size_t)1 << any(6);
		ptrdiff_t taken;

		lay_out(f, 1 + any(MODULES));
		taken = tls_reserve(&f->ld, size, align);
		tls_finish_layout(&f->ld);
		for (size_t i = 0; i < f->count; i++)
			assert_true(f->modules[i]->tls.is_static);
		assert_layout(f);
		assert_within(f, taken, size, align, 0);
		assert_apart(f, taken, size, NULL);
		assert_false(overlap(taken, size, f->ld.tls.slot, sizeof(struct tls_thread)));
		assert_image(f);
	}
}

/* Drepper, "ELF Handling For Thread-Local Storage", 3.4: the program's code has this offset in it. */
static void the_program_has_the_first_place(void **state)
{
	for (size_t log = 0; log < MOST_LOG; log++) {
		struct fixture *f = again(state);
		struct dso_tls *m;
		size_t align = (size_t)1 << log;

		f->ld.program = add_module(f);
		add_module(f);
		m = &f->ld.program->tls;
		m->align = align;
		m->vaddr = 3 * align;
		tls_lay_out(&f->ld);
		if (ARCH_TLS_BELOW_TP)
			assert_int_equal(-m->offset, (m->memsz + align - 1) & -align);
		else
			assert_int_equal(m->offset, (ARCH_TLS_GAP + align - 1) & -align);
	}
}

/* ---- Libraries that are opened later ---- */

static bool in_surplus(const struct fixture *f, const struct dso_tls *m, size_t start)
{
	size_t begin = ARCH_TLS_BELOW_TP ? (size_t)-m->offset - m->memsz : (size_t)m->offset;

	return begin >= start && begin + m->memsz <= f->ld.tls.surplus_end;
}

static void from_the_surplus(void **state)
{
	size_t refused = 0, placed = 0;

	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t start;

		lay_out(f, 1 + any(5));
		tls_finish_layout(&f->ld);
		start = f->ld.tls.surplus_start;
		assert_int_equal(f->ld.tls.surplus_end - start, SURPLUS);
		while (f->count < MODULES) {
			struct dso *d = add_module(f);
			struct tls before = f->ld.tls;

			if (tls_make_static(&f->ld, d, d) == 0) {
				placed++;
				assert_true(d->tls.is_static && in_surplus(f, &d->tls, start));
				assert_int_equal(tls_make_static(&f->ld, d, d), 0);
			} else {
				refused++;
				assert_false(d->tls.is_static);
				assert_memory_equal(&f->ld.tls, &before, sizeof before);
				fake_assert_says(&f->ld, "does not fit");
			}
			assert_layout(f);
		}
		assert_image(f);
	}
	assert_true(refused > ROUNDS && placed > ROUNDS);
}

/* The last one that got a part of it gives it back. */
static void the_surplus_comes_back(void **state)
{
	for (int round = 0; round < ROUNDS; round++) {
		struct fixture *f = again(state);
		size_t start, n = 0;
		struct dso *d[3];

		lay_out(f, 2);
		tls_finish_layout(&f->ld);
		start = f->ld.tls.surplus_start;
		while (n < 3) {
			d[n] = add_module(f);
			d[n]->tls.align = 8;
			assert_int_equal(tls_make_static(&f->ld, d[n], d[n]), 0);
			n++;
		}
		while (n--)
			tls_remove(&f->ld, d[n]);
		assert_int_equal(f->ld.tls.surplus_start, start);
	}
}

/* Before the layout is closed there is no surplus to ask. */
static void early_ones_need_none(void **state)
{
	struct fixture *f = *state;
	struct dso *d;

	lay_out(f, 4);
	d = add_module(f);
	assert_int_equal(tls_make_static(&f->ld, d, d), 0);
	tls_finish_layout(&f->ld);
	assert_layout(f);
	f->modules[1]->tls.is_static = false;
	f->ld.tls.modules[f->modules[1]->tls.module].has_blocks = true;
	assert_int_equal(tls_make_static(&f->ld, f->modules[1], f->modules[1]), -1);
	fake_assert_says(&f->ld, "some threads already have it as dynamic TLS");
}

/* Where nobody knows the threads, they could not be given an initialised block. */
static void threads_nobody_knows(void **state)
{
	static const struct libc_abi unknown = {.name = "unknown", .tls_surplus = SURPLUS};
	struct fixture *f = *state;
	struct dso *d;

	f->ld.abi = &unknown;
	lay_out(f, 2);
	tls_finish_layout(&f->ld);
	tls_count_tasks(&f->ld);
	d = add_module(f);
	d->tls.filesz = d->tls.memsz = 8;
	d->tls.align = 8;
	assert_int_equal(tls_make_static(&f->ld, d, d), -1); /* new threads have no image */
	fake_assert_says(&f->ld, "later threads would not get it");
	f->ld.tls.image_filesz = tls_image_size(&f->ld);
	f->ld.tls.tasks++;
	assert_int_equal(tls_make_static(&f->ld, d, d), -1);
	fake_assert_says(&f->ld, "other threads may be running: they would not get it");
	f->ld.tls.tasks--;
	assert_int_equal(tls_make_static(&f->ld, d, d), 0);
	d = add_module(f);
	d->tls.filesz = 0;
	d->tls.memsz = d->tls.align = 8;
	f->ld.tls.tasks = 0;
	assert_int_equal(tls_make_static(&f->ld, d, d), 0); /* zeros are there */
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int static_tls_tests(void)
{
	const struct CMUnitTest tests[] = {
		TEST(any_layout),
		TEST(the_program_has_the_first_place),
		TEST(from_the_surplus),
		TEST(the_surplus_comes_back),
		TEST(early_ones_need_none),
		TEST(threads_nobody_knows),
	};

	srand(1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}

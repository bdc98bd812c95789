/* random.c: a million random calls on the registry, with a page table as backend and oracle.
 *
 * After each call the touched pages are compared, and every now and then all of them, the lines of
 * the kernel's list, and vm_check().  The backend fails at random, and then nothing may have
 * changed.  In half of the episodes the process also maps by itself and writes to pages, so that
 * anon_vmas keep alike areas apart: there the lines have to be equal after a vm_refresh() alone, in
 * the others always.  VM_RANDOM_SEED=n runs other episodes.
 */
#include "lib/model.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { PAGES = 512, EPISODES = 40, CALLS = 27000, OWNERS = 4, POOL = 4, STACK = 4, LIBS = 3 };

static const struct vm_owner owners[OWNERS] = {
	{.name = "liba"}, {.name = "libb"}, {.name = "libc"}, {.name = "libd"}};

struct episode {
	struct model m;
	struct vm vm;
	char pool[POOL * sizeof(struct vm_area)];
	bool wild; /* the process does things that the registry is not told */
	unsigned long failed, ran;
};

static size_t rnd(struct episode *e, size_t n)
{
	return model_random(&e->m, n);
}

static uintptr_t page_addr(const struct episode *e, size_t i)
{
	return e->m.base + i * MODEL_PAGE;
}

static bool is_pool(const struct vm_area *a)
{
	return a && a->what.owner && strcmp(a->what.owner->name, "vm") == 0;
}

/* ---- comparison ---- */

static void compare_page(const struct vm *vm, const struct model *m, uintptr_t at, bool wild)
{
	const struct model_page *p = model_at(m, at);
	const struct vm_area *a = vm_lookup(vm, at);

	assert_int_equal(a != NULL, p->mapped);
	if (!a)
		return;
	assert_int_equal(a->what.prot, p->prot);
	assert_int_equal(!!(a->what.flags & VM_SHARED), p->shared);
	assert_int_equal(a->what.kind == VM_FILE, p->fd >= 0);
	if (p->fd >= 0) {
		assert_int_equal(a->what.offset + (at - a->start), p->offset);
		assert_int_equal(a->what.dev, model_dev(p->fd));
		assert_int_equal(a->what.ino, model_ino(p->fd));
	}
	if (is_pool(a) || p->stale)
		return;
	if (!wild) /* the list does not show it, and a refresh guesses for what it finds merged */
		assert_int_equal(!!(a->what.flags & VM_NORESERVE), p->noreserve);
	assert_int_equal(a->what.kind, p->kind);
	assert_ptr_equal(a->what.owner, p->owner);
}

static void compare_range(struct episode *e, uintptr_t from, uintptr_t to)
{
	for (; from < to; from += MODEL_PAGE)
		compare_page(&e->vm, &e->m, from, e->wild);
}

static void print_line(const char *who, const struct vm_line *line)
{
	if (line)
		print_message("%s %lx-%lx prot %u offset %llx ino %llu %.*s\n", who,
			(unsigned long)line->start, (unsigned long)line->end, line->prot,
			(unsigned long long)line->offset, (unsigned long long)line->ino,
			line->name_len < 40 ? (int)line->name_len : 40, line->name);
}

static void report(void *ctx, const struct vm_line *ours, const struct vm_line *kernels)
{
	(void)ctx;
	print_line("registry:", ours);
	print_line("model:   ", kernels);
}

static void check(const struct vm *vm)
{
	const char *why;

	if (vm_check(vm, &why))
		fail_msg("vm_check: %s", why);
}

static void compare_lines(const struct vm *vm, struct model *m)
{
	struct vm_source source = model_print(m);

	assert_int_equal(vm_compare(vm, &source, true, report, NULL), 0);
	source = model_print(m);
	assert_int_equal(vm_compare(vm, &source, false, report, NULL), 0);
}

static void compare_all(struct episode *e)
{
	check(&e->vm);
	compare_range(e, e->m.base, page_addr(e, PAGES));
	if (!e->wild)
		compare_lines(&e->vm, &e->m);
}

/* ---- random arguments ---- */

/* Tells the model what the registry was told. */
static void tag(struct episode *e, uintptr_t at, size_t len, const struct vm_what *what)
{
	for (size_t done = 0; done < len; done += MODEL_PAGE) {
		model_at(&e->m, at + done)->kind = what->kind;
		model_at(&e->m, at + done)->owner = what->owner;
	}
}

/* The loader leaves alone: the registry's pool, and (here) what only the kernel moves. */
static bool range_is_ours(const struct episode *e, uintptr_t at, size_t len)
{
	const struct vm_area *a = vm_first_above(&e->vm, at);

	if (at < e->m.base + 2 * MODEL_PAGE || at + len > page_addr(e, PAGES - 40))
		return false;
	for (; a && a->start < at + len; a = a->next) {
		if (is_pool(a) || a->what.kind == VM_HEAP)
			return false;
	}
	return at + len <= e->m.heap || at >= e->m.heap + 16 * MODEL_PAGE;
}

static size_t some_range(struct episode *e, uintptr_t *at)
{
	size_t len;

	do {
		len = (1 + rnd(e, rnd(e, 4) ? 6 : 40)) * MODEL_PAGE;
		*at = page_addr(e, rnd(e, PAGES - 40));
	} while (!range_is_ours(e, *at, len));
	return len;
}

static int some_what(struct episode *e, struct vm_what *what)
{
	static const enum vm_kind kinds[] = {VM_FILE, VM_FILE, VM_ANON, VM_TLS, VM_GUARD};
	int fd = (int)rnd(e, LIBS + 1);

	*what = (struct vm_what){.kind = kinds[rnd(e, 5)], .prot = rnd(e, 8), .owner = &owners[fd]};
	if (what->kind == VM_GUARD)
		what->prot = 0;
	if (rnd(e, 8) == 0)
		what->flags |= VM_NORESERVE;
	if (what->kind == VM_FILE) {
		what->offset = rnd(e, 3) * MODEL_PAGE;
		what->dev = model_dev(fd);
		what->ino = model_ino(fd);
		return fd;
	}
	what->offset = 12345 * MODEL_PAGE; /* of no meaning: must not show */
	return -1;
}

/* ---- calls ---- */

static void do_map(struct episode *e)
{
	struct vm_what what;
	int fd = some_what(e, &what);
	uintptr_t at, got = 1;
	size_t len = some_range(e, &at);
	bool fixed = rnd(e, 4) != 0;
	/* A file's mapping beside one of its own continues it, every other time. */
	const struct vm_area *below = vm_lookup(&e->vm, at - 1);

	if (fd >= 0 && below && below->what.kind == VM_FILE && rnd(e, 2))
		what.offset = below->what.offset + (at - below->start);
	what.flags |= fixed ? VM_FIXED : 0;
	if (!fixed && rnd(e, 2))
		at = 0;
	if (vm_map(&e->vm, at, len - rnd(e, MODEL_PAGE), &what, fd, &got)) {
		e->failed++;
		return;
	}
	if (fixed)
		assert_int_equal(got, at);
	tag(e, got, len, &what);
	compare_range(e, got - MODEL_PAGE, got + len + MODEL_PAGE);
}

static bool model_is_free(const struct episode *e, uintptr_t at, size_t len)
{
	for (size_t done = 0; done < len; done += MODEL_PAGE) {
		if (model_at(&e->m, at + done)->mapped)
			return false;
	}
	return true;
}

static void do_reserve(struct episode *e)
{
	struct vm_what what = {.kind = VM_RESERVED, .owner = &owners[rnd(e, OWNERS)]};
	size_t align = (size_t)MODEL_PAGE << rnd(e, 5);
	unsigned flags = (rnd(e, 2) ? VM_FIXED : 0) | (rnd(e, 2) ? VM_NORESERVE : 0);
	uintptr_t at, got;
	size_t len = some_range(e, &at);
	bool was_free;
	int err;

	if (flags & VM_FIXED)
		align = MODEL_PAGE;
	else if (rnd(e, 2))
		at = 0;
	else if (e->m.fail_in > 1)
		e->m.fail_in = 1; /* giving back what came instead of the hint cannot be undone */
	was_free = !at || model_is_free(e, at, len);
	err = vm_reserve(&e->vm, at, len, align, flags, what.owner, &got);
	if (!was_free && (flags & VM_FIXED))
		assert_true(err == -EEXIST);
	if (err) {
		e->failed++;
		return;
	}
	assert_int_equal(got & (align - 1), 0);
	tag(e, got, len, &what);
	compare_range(e, got - MODEL_PAGE, got + len + MODEL_PAGE);
}

static void do_unmap(struct episode *e)
{
	uintptr_t at;
	size_t len = some_range(e, &at);

	if (vm_unmap(&e->vm, at, len - rnd(e, MODEL_PAGE)))
		e->failed++;
	compare_range(e, at - MODEL_PAGE, at + len + MODEL_PAGE);
}

static void do_protect(struct episode *e)
{
	uintptr_t at;
	size_t len = some_range(e, &at);
	unsigned prot = rnd(e, 8);
	bool solid = true;
	int err;

	if (rnd(e, 2))
		len = MODEL_PAGE * (1 + rnd(e, 3));
	if (!range_is_ours(e, at, len))
		return;
	for (size_t done = 0; done < len; done += MODEL_PAGE)
		solid &= model_at(&e->m, at + done)->mapped;
	err = vm_protect(&e->vm, at, len, prot);
	if (!solid)
		assert_true(err == -ENOMEM);
	for (size_t done = 0; !err && prot && done < len; done += MODEL_PAGE) {
		struct model_page *p = model_at(&e->m, at + done);
		if (p->kind == VM_RESERVED || p->kind == VM_GUARD)
			p->kind = VM_ANON;
	}
	e->failed += err != 0;
	compare_range(e, at - MODEL_PAGE, at + len + MODEL_PAGE);
}

static void do_find(struct episode *e)
{
	uintptr_t at = page_addr(e, rnd(e, PAGES)) + rnd(e, MODEL_PAGE);
	struct vm_area *a = vm_find(&e->vm, at), *next = vm_first_above(&e->vm, at);
	uintptr_t up = at & ~(uintptr_t)(MODEL_PAGE - 1);

	assert_int_equal(a != NULL, model_at(&e->m, at)->mapped);
	assert_ptr_equal(a, vm_lookup(&e->vm, at));
	if (a)
		assert_true(a->start <= at && at < a->end);
	while (up < page_addr(e, PAGES) && !model_at(&e->m, up)->mapped)
		up += MODEL_PAGE;
	assert_int_equal(next != NULL, up < page_addr(e, PAGES));
	if (next)
		assert_true(next->start <= up && up < next->end);
}

/* The oracle tries every page. */
static uintptr_t gap_by_hand(const struct episode *e, size_t len, size_t align, uintptr_t low,
	uintptr_t high, bool topdown)
{
	uintptr_t best = 0;

	for (uintptr_t at = e->m.base; at + len <= page_addr(e, PAGES); at += MODEL_PAGE) {
		if (at < low || at + len > high || (at & (align - 1)) || !model_is_free(e, at, len))
			continue;
		best = at;
		if (!topdown)
			break;
	}
	return best;
}

static void do_gap(struct episode *e)
{
	size_t len = (1 + rnd(e, 10)) * MODEL_PAGE, align = (size_t)MODEL_PAGE << rnd(e, 4);
	uintptr_t low = rnd(e, 2) ? 0 : page_addr(e, rnd(e, PAGES));
	uintptr_t high = rnd(e, 2) ? UINTPTR_MAX : page_addr(e, rnd(e, PAGES));
	bool topdown = rnd(e, 2);

	assert_int_equal(vm_find_gap(&e->vm, len, align, low, high, topdown),
		gap_by_hand(e, len, align, low, high, topdown));
}

/* ---- the process' own doing, and what refresh makes of it ---- */

static void mark_stale(struct episode *e, uintptr_t at, size_t len)
{
	for (size_t done = 0; done < len; done += MODEL_PAGE)
		model_at(&e->m, at + done)->stale = true;
}

static void process_call(struct episode *e)
{
	uintptr_t at;
	size_t len = some_range(e, &at);
	unsigned prot = rnd(e, 8);
	int fd = (int)rnd(e, MODEL_FILES - LIBS - 1) + LIBS + 1;

	switch (rnd(e, 5)) {
	case 0: model_unmap(&e->m, at, len); break;
	case 1: model_map(&e->m, at, len, prot, VM_FIXED, -1, 0, &at); break;
	case 2: model_map(&e->m, at, len, prot, VM_FIXED | VM_SHARED, fd, 0, &at); break;
	case 3: model_map(&e->m, at, len, prot, VM_FIXED, fd, 0, &at); break;
	case 4: model_protect(&e->m, at, len, prot); break;
	}
	mark_stale(e, at, len);
}

/* Stale pages get the tags that the registry has given them now.  A mapping of the process that has
 * merged with the heap was shown as a part of it; who knows the break, as here, can say better. */
static void retag(struct episode *e)
{
	for (size_t i = 0; i < PAGES; i++) {
		struct model_page *p = &e->m.pages[i];
		uintptr_t at = page_addr(e, i);
		const struct vm_area *a = vm_lookup(&e->vm, at);
		if (p->stale && a && a->what.kind == VM_HEAP) {
			struct vm_what what = a->what;
			what.kind = VM_ANON;
			assert_int_equal(vm_adopt(&e->vm, at, at + MODEL_PAGE, &what), 0);
			a = vm_lookup(&e->vm, at);
		}
		if (p->stale && a) {
			p->kind = a->what.kind;
			p->owner = a->what.owner;
		}
		p->stale = false;
	}
}

static void do_refresh(struct episode *e)
{
	struct vm_source source;
	int err;

	for (size_t n = e->wild ? rnd(e, 4) : 0; n; n--) {
		e->m.fail_in = 0;
		process_call(e);
	}
	source = model_print(&e->m);
	err = vm_refresh(&e->vm, &source);
	if (err) { /* the pool could not grow */
		source = model_print(&e->m);
		assert_int_equal(vm_refresh(&e->vm, &source), 0);
	}
	check(&e->vm);
	compare_range(e, e->m.base, page_addr(e, PAGES));
	compare_lines(&e->vm, &e->m);
	retag(e);
}

static void do_touch(struct episode *e)
{
	if (e->wild)
		model_touch(&e->m, page_addr(e, rnd(e, PAGES)));
}

/* ---- episodes ---- */

static void call(struct episode *e)
{
	static void (*const calls[])(struct episode *) = {do_map, do_map, do_map, do_unmap,
		do_protect, do_protect, do_reserve, do_find, do_find, do_gap, do_touch, do_touch};
	unsigned long failed = e->failed;
	size_t rare = rnd(e, 320);

	e->m.fail_in = rnd(e, 16) ? 0 : 1 + (int)rnd(e, 2);
	if (rare < 4)
		do_refresh(e);
	else
		calls[rnd(e, sizeof calls / sizeof *calls)](e);
	e->m.fail_in = 0;
	if (e->failed != failed)
		compare_range(e, e->m.base, page_addr(e, PAGES));
	if (rnd(e, 200) == 0)
		compare_all(e);
}

static void adopt(struct episode *e, uintptr_t at, size_t len, enum vm_kind kind, unsigned prot)
{
	struct vm_what what = {.kind = kind, .prot = prot, .flags = VM_FOREIGN};
	const char *name = kind == VM_STACK ? "[stack]" : kind == VM_VDSO ? "[vdso]" : "[vvar]";

	model_special(&e->m, at, len, prot, name);
	tag(e, at, len, &what);
	assert_int_equal(vm_adopt(&e->vm, at, at + len, &what), 0);
}

static void run_episode(uint64_t seed)
{
	struct episode *e = calloc(1, sizeof *e);

	model_init(&e->m, PAGES, seed);
	e->wild = seed & 1;
	e->m.heap = e->m.brk = page_addr(e, PAGES / 2);
	vm_init(&e->vm, &model_backend, &e->m, e->pool, sizeof e->pool, e->m.base,
		page_addr(e, PAGES), MODEL_PAGE);
	adopt(e, page_addr(e, PAGES - STACK), STACK * MODEL_PAGE, VM_STACK, VM_R | VM_W);
	adopt(e, page_addr(e, 0), MODEL_PAGE, VM_VVAR, VM_R);
	adopt(e, page_addr(e, 1), MODEL_PAGE, VM_VDSO, VM_R | VM_X);
	for (e->ran = 0; e->ran < CALLS; e->ran++)
		call(e);
	compare_all(e);
	assert_true(e->failed > CALLS / 100);
	assert_true(e->vm.hits > 0 && e->vm.misses > 0);
	model_free(&e->m);
	free(e);
}

static void random_calls(void **state)
{
	const char *seed = getenv("VM_RANDOM_SEED");
	uint64_t first = seed ? strtoull(seed, NULL, 0) * EPISODES : 0;

	(void)state;
	for (uint64_t n = first; n < first + EPISODES; n++)
		run_episode(n);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(random_calls)};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

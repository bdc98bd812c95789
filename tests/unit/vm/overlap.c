/* overlap.c: what mapping, protecting and unmapping make of the areas, as examples to read.
 *
 * The page table of model.c is the backend.  An example says what is done and then, as one string,
 * what the registry holds: one letter a page, `.` for a free one, `|` where an area ends and the
 * next begins.  Upper case is writable; f and g are files, a and b anonymous memory of two owners,
 * r is reserved, h the heap, s the stack.
 */
#include "lib/model.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

enum { PAGES = 64 };

static const struct vm_owner one = {.name = "one"}, two = {.name = "two"};

struct example {
	struct model m;
	struct vm vm;
	struct vm_area pool[128]; /* so that none is mapped, which would show */
};

static struct example e;

static int set_up(void **state)
{
	(void)state;
	model_init(&e.m, 256, 1);
	vm_init(&e.vm, &model_backend, &e.m, e.pool, sizeof e.pool, e.m.base,
		e.m.base + PAGES * MODEL_PAGE, MODEL_PAGE);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	model_free(&e.m);
	return 0;
}

static uintptr_t page(size_t i)
{
	return e.m.base + i * MODEL_PAGE;
}

static struct vm_what what_is(char letter)
{
	bool file = letter == 'f' || letter == 'F' || letter == 'g';
	struct vm_what what = {.kind = file ? VM_FILE : VM_ANON, .prot = VM_R, .owner = &one};

	if (letter == 'b' || letter == 'B' || letter == 'g')
		what.owner = &two;
	if (letter < 'a')
		what.prot |= VM_W;
	if (file) {
		what.dev = model_dev(letter == 'g');
		what.ino = model_ino(letter == 'g');
	}
	return what;
}

static void map(char letter, size_t start, size_t n, uint64_t offset)
{
	struct vm_what what = what_is(letter);
	uintptr_t got;

	what.flags = VM_FIXED;
	what.offset = offset * MODEL_PAGE;
	assert_int_equal(vm_map(&e.vm, page(start), n * MODEL_PAGE, &what, letter == 'g', &got), 0);
	assert_int_equal(got, page(start));
}

static void protect(size_t start, size_t n, unsigned prot)
{
	assert_int_equal(vm_protect(&e.vm, page(start), n * MODEL_PAGE, prot), 0);
}

static void unmap(size_t start, size_t n)
{
	assert_int_equal(vm_unmap(&e.vm, page(start), n * MODEL_PAGE), 0);
}

static char letter_of(const struct vm_area *a)
{
	char letter = a->what.owner == &two ? 'b' : 'a';

	switch (a->what.kind) {
	case VM_FILE: letter = a->what.owner == &two ? 'g' : 'f'; break;
	case VM_HEAP: letter = 'h'; break;
	case VM_STACK: letter = 's'; break;
	case VM_RESERVED: letter = 'r'; break;
	default: break;
	}
	return a->what.prot & VM_W ? letter - 'a' + 'A' : letter;
}

/* Lines of the model's list. */
static size_t count_lines(void)
{
	struct vm_source source = model_print(&e.m);
	char text[512];
	size_t lines = 0;

	for (long n; (n = source.read(source.ctx, text, sizeof text)) > 0;)
		for (long i = 0; i < n; i++)
			lines += text[i] == '\n';
	return lines;
}

/* The first pages of the window are `picture`, the rest is free; and the kernel, who merges more,
 * sees `lines` lines. */
static void expect(const char *picture, long lines)
{
	char got[3 * PAGES], *at = got;
	struct vm_source source = model_print(&e.m);
	const char *why = NULL;

	for (size_t i = 0; i < PAGES; i++) {
		const struct vm_area *a = vm_lookup(&e.vm, page(i));
		if (a && a->start == page(i) && a->prev && a->prev->end == a->start)
			*at++ = '|';
		*at++ = a ? letter_of(a) : '.';
	}
	while (at > got && at[-1] == '.')
		at--;
	*at = 0;
	assert_string_equal(got, picture);
	assert_int_equal(vm_compare(&e.vm, &source, true, NULL, NULL), 0);
	assert_int_equal(count_lines(), lines);
	assert_int_equal(vm_check(&e.vm, &why), 0);
}

static void over_the_last_pages(void **state)
{
	(void)state;
	map('f', 1, 6, 0);
	map('A', 4, 5, 0);
	expect(".fff|AAAAA", 2);
}

static void over_the_first_pages(void **state)
{
	(void)state;
	map('f', 4, 6, 0);
	map('A', 1, 5, 0);
	expect(".AAAAA|ffff", 2);
	assert_int_equal(vm_lookup(&e.vm, page(6))->what.offset, 2 * MODEL_PAGE);
}

static void over_the_middle(void **state)
{
	(void)state;
	map('f', 1, 9, 3);
	map('A', 4, 2, 0);
	expect(".fff|AA|ffff", 3);
	assert_int_equal(vm_lookup(&e.vm, page(1))->what.offset, 3 * MODEL_PAGE);
	assert_int_equal(vm_lookup(&e.vm, page(6))->what.offset, 8 * MODEL_PAGE);
}

static void over_all_of_several(void **state)
{
	(void)state;
	map('f', 1, 3, 0);
	map('A', 4, 1, 0);
	map('b', 6, 2, 0);
	map('g', 2, 5, 0);
	expect(".f|ggggg|b", 3);
}

static void a_file_goes_on(void **state)
{
	(void)state;
	map('f', 0, 2, 0);
	map('f', 2, 2, 2);
	expect("ffff", 1);
	map('f', 4, 2, 5); /* one page was left out */
	expect("ffff|ff", 2);
	map('g', 6, 2, 7); /* the same file, but opened again for another owner */
	expect("ffff|ff|gg", 3);
}

static void a_hole_is_filled(void **state)
{
	(void)state;
	map('f', 0, 2, 0);
	map('f', 4, 2, 4);
	expect("ff..ff", 2);
	map('f', 2, 2, 2);
	expect("ffffff", 1);
}

/* Two owners' .bss side by side: two areas of ours, one line of the kernel's. */
static void owners_stay_apart(void **state)
{
	(void)state;
	map('A', 0, 2, 0);
	map('B', 2, 2, 0);
	map('A', 4, 2, 0);
	expect("AA|BB|AA", 1);
}

/* An object's life: reserved, its segments committed, RELRO sealed.  The sealed pages have been
 * writable, so they never join the read-only data below, though both are r--p of the same file. */
static void relro(void **state)
{
	uintptr_t got;

	(void)state;
	assert_int_equal(
		vm_reserve(&e.vm, page(1), 9 * MODEL_PAGE, MODEL_PAGE, VM_FIXED, &one, &got), 0);
	expect(".rrrrrrrrr", 1);
	map('f', 1, 3, 0);
	map('F', 4, 3, 3);
	map('A', 7, 2, 0);
	expect(".fff|FFF|AA|r", 4);
	protect(4, 1, VM_R);
	expect(".fff|f|FF|AA|r", 5);
	unmap(1, 9);
	expect("", 0);
}

/* VirtualAlloc's two steps: what is made accessible is no longer reserved. */
static void reserve_then_commit(void **state)
{
	uintptr_t got;

	(void)state;
	assert_int_equal(
		vm_reserve(&e.vm, page(0), 8 * MODEL_PAGE, MODEL_PAGE, VM_FIXED, &one, &got), 0);
	protect(2, 2, VM_R | VM_W);
	expect("rr|AA|rrrr", 3);
	protect(4, 1, VM_R | VM_W);
	expect("rr|AAA|rrr", 3);
	assert_int_equal(
		vm_reserve(&e.vm, page(7), MODEL_PAGE, MODEL_PAGE, VM_FIXED, &one, &got), -EEXIST);
}

/* The process has mapped something without a word: a fixed reservation does not go over it. */
static void reserve_over_the_unknown(void **state)
{
	struct vm_source source;
	uintptr_t at, got;

	(void)state;
	model_map(&e.m, page(3), MODEL_PAGE, VM_R, VM_FIXED, -1, 0, &at);
	assert_int_equal(
		vm_reserve(&e.vm, page(0), 8 * MODEL_PAGE, MODEL_PAGE, VM_FIXED, &one, &got),
		-EEXIST);
	assert_int_equal(e.vm.count, 0);
	source = model_print(&e.m);
	assert_int_equal(vm_refresh(&e.vm, &source), 0);
	expect("...a", 1);
}

static void protect_there_and_back(void **state)
{
	(void)state;
	map('F', 0, 8, 0);
	protect(2, 3, VM_R);
	expect("FF|fff|FFF", 3);
	protect(0, 8, VM_R | VM_W);
	expect("FFFFFFFF", 1);
	protect(0, 2, VM_R);
	protect(6, 2, VM_R);
	expect("ff|FFFF|ff", 3);
	unmap(3, 1);
	assert_int_equal(vm_protect(&e.vm, page(2), 3 * MODEL_PAGE, VM_R), -ENOMEM);
	expect("ff|F.FF|ff", 4);
}

static void a_failure_changes_nothing(void **state)
{
	struct vm_what what = what_is('A');

	(void)state;
	map('f', 0, 4, 0);
	map('F', 4, 4, 4);
	what.flags = VM_FIXED;
	e.m.fail_in = 1;
	assert_int_equal(vm_map(&e.vm, page(2), MODEL_PAGE, &what, -1, NULL), -ENOMEM);
	e.m.fail_in = 1;
	assert_int_equal(vm_unmap(&e.vm, page(2), MODEL_PAGE), -ENOMEM);
	e.m.fail_in = 1; /* after half of it */
	assert_int_equal(vm_protect(&e.vm, page(2), 4 * MODEL_PAGE, VM_X), -ENOMEM);
	expect("ffff|FFFF", 2);
}

static void placement(void **state)
{
	uintptr_t low = page(0), high = page(PAGES);

	(void)state;
	map('a', 4, 4, 0);
	map('b', 10, 30, 0);
	assert_int_equal(vm_find_gap(&e.vm, 2 * MODEL_PAGE, MODEL_PAGE, low, high, false), page(0));
	assert_int_equal(
		vm_find_gap(&e.vm, 2 * MODEL_PAGE, MODEL_PAGE, page(3), high, false), page(8));
	assert_int_equal(
		vm_find_gap(&e.vm, 2 * MODEL_PAGE, MODEL_PAGE, low, page(40), true), page(8));
	assert_int_equal(
		vm_find_gap(&e.vm, 5 * MODEL_PAGE, MODEL_PAGE, low, high, false), page(40));
	assert_int_equal(
		vm_find_gap(&e.vm, 5 * MODEL_PAGE, MODEL_PAGE, low, high, true), page(PAGES - 5));
	assert_int_equal(vm_find_gap(&e.vm, 25 * MODEL_PAGE, MODEL_PAGE, low, high, true), 0);
	/* The gap of two pages at 10 has no place for two that begin at a multiple of four. */
	unmap(10, 1);
	assert_int_equal(
		vm_find_gap(&e.vm, 2 * MODEL_PAGE, 4 * MODEL_PAGE, page(5), high, false), page(8));
	map('a', 8, 1, 0);
	assert_int_equal(
		vm_find_gap(&e.vm, 2 * MODEL_PAGE, 4 * MODEL_PAGE, page(5), high, false), page(40));
}

/* Two areas were written to while a hole was between them: each has its anon_vma, and filling the
 * hole makes two lines.  The registry cannot see that, but learns it from the list, and then keeps
 * to it: an object that is new in the place of one of the two joins again. */
static void written_apart(void **state)
{
	struct vm_source source;

	(void)state;
	map('A', 0, 2, 0);
	map('A', 4, 2, 0);
	model_touch(&e.m, page(0));
	model_touch(&e.m, page(4));
	map('A', 2, 2, 0);
	source = model_print(&e.m);
	assert_int_equal(vm_compare(&e.vm, &source, true, NULL, NULL), 2);
	source = model_print(&e.m);
	assert_int_equal(vm_refresh(&e.vm, &source), 0);
	expect("AAAA|AA", 2);
	map('f', 4, 2, 0);
	map('A', 4, 2, 0);
	expect("AAAAAA", 1);
}

/* The same, known beforehand: the registry is told. */
static void told_apart(void **state)
{
	(void)state;
	map('A', 0, 2, 0);
	map('A', 4, 2, 0);
	model_touch(&e.m, page(0));
	model_touch(&e.m, page(4));
	map('B', 2, 2, 0);
	vm_keep_apart(&e.vm, page(4));
	expect("AA|BB|AA", 2);
	vm_keep_apart(&e.vm, page(0)); /* nothing lies below */
	vm_keep_apart(&e.vm, page(3)); /* no border */
	vm_keep_apart(&e.vm, page(9)); /* nothing is there */
	expect("AA|BB|AA", 2);
}

static void parsing(void **state)
{
	static const char *const wrong[] = {"", "1000-2000", "2000-1000 r--p 0 0:0 0",
		"1000-2000 r-xq 0 0:0 0", "1000-2000 r--p 0 0:0", "1000-2000 r--p g 0:0 0",
		"1000-2000 r--p 0 0-0 0", "10000000000000000-20000000000000000 r--p 0 0:0 0",
		"1000-2000 r--p 10000000000000000 0:0 0", "1000-2000 r--p 0 0:0 0x",
		"1000-2000 r--p 0 0:0 99999999999999999999"};
	static const char good[] = "55ab2000-55ab9000 r-xs 7fff00001000 abc:12345 4294967297"
				   "      /a b (deleted)";
	struct vm_line line;

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
		assert_int_equal(vm_line_parse(wrong[i], strlen(wrong[i]), &line), -EINVAL);
	assert_int_equal(vm_line_parse(good, strlen(good), &line), 0);
	assert_int_equal(line.start, 0x55ab2000);
	assert_int_equal(line.end, 0x55ab9000);
	assert_int_equal(line.prot, VM_R | VM_X);
	assert_true(line.shared);
	assert_int_equal(line.offset, 0x7fff00001000);
	assert_int_equal(line.dev, 0x12345 >> 8 << 20 | 0xabc << 8 | 0x45);
	assert_int_equal(line.ino, 4294967297);
	assert_int_equal(line.name_len, strlen("/a b (deleted)"));
	assert_memory_equal(line.name, "/a b", 4);
}

/* What is fed to a refresh as the kernel's list. */
static long read_string(void *ctx, void *buf, size_t n)
{
	const char **text = ctx;
	size_t len = strlen(*text);

	n = n < len ? n : len;
	memcpy(buf, *text, n);
	*text += n;
	return (long)n;
}

static void the_kernels_names(void **state)
{
	static const struct {
		uintptr_t at;
		enum vm_kind kind;
	} kinds[] = {{0x1000, VM_FILE}, {0x3000, VM_HEAP}, {0x5000, VM_ANON}, {0x7000, VM_VVAR},
		{0x8000, VM_VVAR}, {0x9000, VM_VDSO}, {0xb000, VM_STACK}};
	const char *text = "1000-2000 r--p 00000000 08:01 77   /lib/x (deleted)\n"
			   "3000-4000 rw-p 00000000 00:00 0 [heap]\n"
			   "5000-6000 rw-p 00000000 00:00 0 [anon:scudo]\n"
			   "7000-8000 r--p 00000000 00:00 0 [vvar]\n"
			   "8000-9000 r--p 00000000 00:00 0 [vvar_vclock]\n"
			   "9000-a000 r-xp 00000000 00:00 0 [vdso]\n"
			   "b000-c000 rw-p 00000000 00:00 0 [stack]"; /* no newline */
	const struct vm_what vdso = {.kind = VM_VDSO, .prot = VM_R | VM_X, .owner = &one};
	struct vm_source source = {read_string, &text};

	(void)state;
	assert_int_equal(vm_adopt(&e.vm, 0x8000, 0xa000, &vdso), 0); /* a guess, too large */
	assert_int_equal(vm_refresh(&e.vm, &source), 0);
	assert_int_equal(e.vm.count, 7);
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		assert_int_equal(vm_lookup(&e.vm, kinds[i].at)->what.kind, kinds[i].kind);
	assert_ptr_equal(vm_lookup(&e.vm, 0x9000)->what.owner, &one);
	assert_int_equal(vm_lookup(&e.vm, 0x1000)->what.ino, 77);
	text = "1000-2000 r--p 0000";
	assert_int_equal(vm_refresh(&e.vm, &source), -EINVAL);
}

static void a_list_of_other_than_pages(void **state)
{
	const char *const wrong[] = {"1200-2000 r--p 00000000 00:00 0\n",
		"1000-2200 r--p 00000000 00:00 0\n",
		"1000-2000 r--p 00000200 08:01 77 /lib/x\n",
		"2000-1000 r--p 00000000 00:00 0\n"};
	const char *text, *why;
	struct vm_source source = {read_string, &text};

	(void)state;
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		text = wrong[i];
		assert_int_equal(vm_refresh(&e.vm, &source), -EINVAL);
		assert_int_equal(vm_check(&e.vm, &why), 0);
	}
}

/* The pool grows at the beginning of a refresh, and the list that is fed here is older: what the
 * registry itself lies in must not be forgotten. */
static void the_pool_stays(void **state)
{
	const char *text = "1000-2000 r--p 00000000 08:01 77   /lib/x\n";
	struct vm_source source = {read_string, &text};
	struct vm_area small[4];

	(void)state;
	vm_init(&e.vm, &model_backend, &e.m, small, sizeof small, e.m.base, UINTPTR_MAX,
		MODEL_PAGE);
	assert_int_equal(vm_refresh(&e.vm, &source), 0);
	assert_int_equal(e.vm.count, 2);
	assert_int_equal(e.vm.first->what.ino, 77);
	assert_string_equal(e.vm.last->what.owner->name, "vm");
	assert_true(e.vm.last->start >= e.m.base);
}

#define EXAMPLE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		EXAMPLE(over_the_last_pages),
		EXAMPLE(over_the_first_pages),
		EXAMPLE(over_the_middle),
		EXAMPLE(over_all_of_several),
		EXAMPLE(a_file_goes_on),
		EXAMPLE(a_hole_is_filled),
		EXAMPLE(owners_stay_apart),
		EXAMPLE(relro),
		EXAMPLE(reserve_then_commit),
		EXAMPLE(reserve_over_the_unknown),
		EXAMPLE(protect_there_and_back),
		EXAMPLE(a_failure_changes_nothing),
		EXAMPLE(placement),
		EXAMPLE(written_apart),
		EXAMPLE(told_apart),
		EXAMPLE(parsing),
		EXAMPLE(the_kernels_names),
		EXAMPLE(a_list_of_other_than_pages),
		EXAMPLE(the_pool_stays),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* kernel.c: the registry beside the real kernel, with /proc/self/maps as the oracle.
 *
 * The backend is mmap, munmap and mprotect inside a window that the test has found free; random
 * calls go through the registry, and after each one its lines must be the kernel's lines there. Two
 * runs: one in which no page is written to, where the registry has to be right by its rules alone;
 * and one that writes to pages, so that anon_vmas keep alike areas apart: pages must be right after
 * each call, and lines after a vm_refresh().  The last tests take in the whole process.
 */
#define _GNU_SOURCE

#include "vm/area.h"
#include "vm/maps.h"

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { PAGES = 96, CALLS = 6000, FILES = 3, FILE_PAGES = 64, NODES = 4 * PAGES };

static const struct vm_owner owners[FILES] = {
	{.name = "memfd"}, {.name = "the same, opened again"}, {.name = "self"}};

struct kernel {
	uintptr_t low, high; /* the window; 0, UINTPTR_MAX: all */
	size_t page;
	int fds[FILES];
	struct stat stats[FILES];
	uint64_t random;
	char text[1 << 18]; /* the kernel's lines in the window */
	size_t text_len, text_pos;
	struct vm vm;
	struct vm_area pool[NODES];
};

static size_t rnd(struct kernel *k, size_t n)
{
	k->random = k->random * 6364136223846793005u + 1442695040888963407u;
	return (size_t)(k->random >> 33) % n;
}

/* ---- the backend ---- */

static int kernel_map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	struct kernel *k = ctx;
	int how = flags & VM_SHARED ? MAP_SHARED : MAP_PRIVATE;
	void *got;

	how |= flags & VM_FIXED ? MAP_FIXED : 0;
	how |= flags & VM_NORESERVE ? MAP_NORESERVE : 0;
	how |= fd < 0 ? MAP_ANONYMOUS : 0;
	if (!at && k->low) /* the kernel's choice, but in the window */
		at = vm_find_gap(&k->vm, len, k->page, k->low, k->high, rnd(k, 2));
	if (!at && k->low)
		return -ENOMEM;
	got = mmap((void *)at, len, (int)prot, how, fd, (off_t)offset);
	if (got == MAP_FAILED)
		return -errno;
	*out = (uintptr_t)got;
	if (k->low && (*out < k->low || *out + len > k->high)) {
		munmap(got, len); /* the hint was taken: nothing may get out of the window */
		return -ENOMEM;
	}
	return 0;
}

static int kernel_unmap(void *ctx, uintptr_t at, size_t len)
{
	(void)ctx;
	return munmap((void *)at, len) ? -errno : 0;
}

static int kernel_protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	(void)ctx;
	return mprotect((void *)at, len, (int)prot) ? -errno : 0;
}

static const struct vm_backend backend = {kernel_map, kernel_unmap, kernel_protect};

/* ---- the oracle ---- */

/* Drops the lines outside the window. */
static void filter(struct kernel *k)
{
	char *to = k->text, *end = k->text + k->text_len;
	struct vm_line line;

	for (char *at = k->text, *next; at < end; at = next) {
		next = (char *)memchr(at, '\n', end - at) + 1;
		assert_int_equal(vm_line_parse(at, next - 1 - at, &line), 0);
		if (line.start < k->low || line.end > k->high)
			continue;
		memmove(to, at, next - at);
		to += next - at;
	}
	k->text_len = to - k->text;
}

static long read_text(void *ctx, void *buf, size_t n)
{
	struct kernel *k = ctx;
	size_t left = k->text_len - k->text_pos;

	n = n < left ? n : left;
	memcpy(buf, k->text + k->text_pos, n);
	k->text_pos += n;
	return (long)n;
}

static struct vm_source kernels_list(struct kernel *k)
{
	int fd = open("/proc/self/maps", O_RDONLY);
	ssize_t got;

	assert_true(fd >= 0);
	k->text_len = k->text_pos = 0;
	while ((got = read(fd, k->text + k->text_len, sizeof k->text - k->text_len)) > 0)
		k->text_len += got;
	assert_int_equal(got, 0);
	close(fd);
	filter(k);
	return (struct vm_source){read_text, k};
}

static void print_line(const char *who, const struct vm_line *l)
{
	if (l)
		print_message("%s %lx-%lx prot %u %s offset %llx dev %llx ino %llu %.*s\n", who,
			(unsigned long)l->start, (unsigned long)l->end, l->prot,
			l->shared ? "shared" : "private", (unsigned long long)l->offset,
			(unsigned long long)l->dev, (unsigned long long)l->ino, (int)l->name_len,
			l->name);
}

static void report(void *ctx, const struct vm_line *ours, const struct vm_line *kernels)
{
	(void)ctx;
	print_line("registry:", ours);
	print_line("kernel:  ", kernels);
}

static long differences(struct kernel *k, bool all, bool quiet)
{
	struct vm_source source = kernels_list(k);

	return vm_compare(&k->vm, &source, all, quiet ? NULL : report, NULL);
}

static void refresh(struct kernel *k)
{
	struct vm_source source = kernels_list(k);

	assert_int_equal(vm_refresh(&k->vm, &source), 0);
}

static void check(struct kernel *k)
{
	const char *why;

	if (vm_check(&k->vm, &why))
		fail_msg("vm_check: %s", why);
}

/* Page for page, however the kernel has cut the lines. */
static void compare_pages(struct kernel *k)
{
	const struct vm_area *a = k->vm.first;
	char *end, *next;

	kernels_list(k);
	end = k->text + k->text_len;
	for (char *at = k->text; at < end; at = next) {
		struct vm_line line;
		next = (char *)memchr(at, '\n', end - at) + 1;
		assert_int_equal(vm_line_parse(at, next - 1 - at, &line), 0);
		for (uintptr_t page = line.start; page < line.end; page += k->page) {
			while (a && a->end <= page) {
				/* nothing of ours may be missing in the kernel's list */
				assert_true(a->end <= line.start || a->end >= line.start);
				a = a->next;
			}
			assert_non_null(a);
			assert_true(a->start <= page);
			assert_int_equal(a->what.prot, line.prot);
			assert_int_equal(!!(a->what.flags & VM_SHARED), line.shared);
			assert_int_equal(a->what.ino, line.ino);
			if (line.ino)
				assert_int_equal(a->what.offset + (page - a->start),
					line.offset + (page - line.start));
		}
	}
}

/* ---- set up ---- */

static void find_window(struct kernel *k)
{
	size_t len = PAGES * k->page, room = 64 << 20;
	char *at = mmap(NULL, room, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	assert_true(at != MAP_FAILED);
	k->low = (uintptr_t)at + room / 2;
	k->high = k->low + len;
	assert_int_equal(munmap(at, room), 0);
}

static void open_files(struct kernel *k)
{
	char path[64];

	k->fds[0] = memfd_create("myld", 0);
	assert_true(k->fds[0] >= 0);
	assert_int_equal(ftruncate(k->fds[0], (off_t)(FILE_PAGES * k->page)), 0);
	snprintf(path, sizeof path, "/proc/self/fd/%d", k->fds[0]);
	k->fds[1] = open(path, O_RDWR);
	k->fds[2] = open("/proc/self/exe", O_RDONLY);
	for (int i = 0; i < FILES; i++)
		assert_int_equal(fstat(k->fds[i], &k->stats[i]), 0);
}

static struct kernel *start(uint64_t seed, bool window)
{
	struct kernel *k = calloc(1, sizeof *k);

	k->random = seed;
	k->page = (size_t)sysconf(_SC_PAGESIZE);
	k->high = UINTPTR_MAX;
	if (window)
		find_window(k);
	open_files(k);
	vm_init(&k->vm, &backend, k, k->pool, sizeof k->pool, k->low, k->high, k->page);
	return k;
}

static void finish(struct kernel *k)
{
	if (k->low)
		munmap((void *)k->low, k->high - k->low);
	for (int i = 0; i < FILES; i++)
		close(k->fds[i]);
	free(k);
}

/* ---- random calls ---- */

static size_t some_range(struct kernel *k, uintptr_t *at)
{
	size_t start = rnd(k, PAGES), n = 1 + rnd(k, rnd(k, 3) ? 4 : 20);

	*at = k->low + start * k->page;
	return (n < PAGES - start ? n : PAGES - start) * k->page;
}

static void some_map(struct kernel *k)
{
	struct vm_what what = {.kind = rnd(k, 2) ? VM_FILE : VM_ANON, .prot = rnd(k, 8)};
	int file = (int)rnd(k, FILES);
	uintptr_t at;
	size_t len = some_range(k, &at);
	const struct vm_area *below = vm_lookup(&k->vm, at - 1);
	int err;

	if (what.kind == VM_FILE) {
		what.owner = &owners[file];
		what.dev = k->stats[file].st_dev;
		what.ino = k->stats[file].st_ino;
		what.offset = rnd(k, 4) * k->page;
		if (rnd(k, 2) && below && below->what.owner == what.owner)
			what.offset = below->what.offset + (at - below->start);
	}
	what.flags = (rnd(k, 4) ? VM_FIXED : 0) | (rnd(k, 5) ? 0 : VM_NORESERVE);
	err = vm_map(&k->vm, at, len, &what, k->fds[file], NULL);
	assert_true(err == 0 || (err == -ENOMEM && !(what.flags & VM_FIXED)));
}

/* Newer kernels take an anonymous area out of the accounting when it becomes read-only and was
 * never written to; in the run without writes the registry could not know. */
static bool has_unwritten(const struct kernel *k, uintptr_t at, size_t len)
{
	const struct vm_area *a = vm_first_above(&k->vm, at);

	for (; a && a->start < at + len; a = a->next) {
		if (a->what.kind == VM_ANON && (a->what.flags & VM_ACCOUNTED))
			return true;
	}
	return false;
}

static void some_protect(struct kernel *k, bool writes)
{
	uintptr_t at;
	size_t len = some_range(k, &at);
	unsigned prot = rnd(k, 8);
	int err;

	if (!writes && has_unwritten(k, at, len))
		prot |= VM_W;
	err = vm_protect(&k->vm, at, len, prot);
	assert_true(err == 0 || err == -ENOMEM);
}

static void some_reserve(struct kernel *k)
{
	uintptr_t at, got;
	size_t len = some_range(k, &at), align = k->page << rnd(k, 3);
	unsigned flags = (rnd(k, 2) ? VM_FIXED : 0) | (rnd(k, 2) ? VM_NORESERVE : 0);
	int err;

	if (flags & VM_FIXED)
		at &= ~(uintptr_t)(align - 1);
	if (at < k->low)
		return;
	err = vm_reserve(&k->vm, at, len, align, flags, &owners[0], &got);
	assert_true(err == 0 || err == -EEXIST || err == -ENOMEM);
	if (!err)
		assert_int_equal(got & (align - 1), 0);
}

/* Writes a page; not through a mapping of the executable beyond its end. */
static void some_write(struct kernel *k)
{
	uintptr_t at = k->low + rnd(k, PAGES) * k->page;
	const struct vm_area *a = vm_lookup(&k->vm, at);
	uint64_t offset;

	if (!a || !(a->what.prot & VM_W))
		return;
	offset = a->what.offset + (at - a->start);
	for (int i = 0; i < FILES; i++) {
		if (a->what.owner == &owners[i] && a->what.kind == VM_FILE &&
			offset >= (uint64_t)k->stats[i].st_size)
			return;
	}
	*(volatile char *)at = 1;
}

static void some_call(struct kernel *k, bool writes)
{
	uintptr_t at;
	size_t len;

	switch (rnd(k, 8)) {
	case 0:
	case 1:
	case 2: some_map(k); break;
	case 3:
	case 4: some_protect(k, writes); break;
	case 5: some_reserve(k); break;
	case 6:
		len = some_range(k, &at);
		assert_int_equal(vm_unmap(&k->vm, at, len), 0);
		break;
	case 7:
		if (writes)
			some_write(k);
		break;
	}
}

static void without_writes(void **state)
{
	struct kernel *k = start(1, true);

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		some_call(k, false);
		check(k);
		assert_int_equal(differences(k, true, false), 0);
		assert_int_equal(differences(k, false, false), 0);
	}
	finish(k);
}

static void with_writes(void **state)
{
	struct kernel *k = start(2, true);
	long equal = 0;

	(void)state;
	for (int i = 0; i < CALLS; i++) {
		some_call(k, true);
		check(k);
		compare_pages(k);
		equal += differences(k, true, true) == 0;
		refresh(k);
		check(k);
		assert_int_equal(differences(k, true, false), 0);
	}
	print_message("lines equal before a refresh after %ld of %d calls\n", equal, CALLS);
	finish(k);
}

/* ---- the whole process ---- */

static void whole_process(void **state)
{
	struct kernel *k = start(3, false);
	struct vm_what what = {.kind = VM_ANON, .prot = VM_R | VM_W, .owner = &owners[0]};
	uintptr_t at;
	const struct vm_area *a;
	int stack = 0;

	(void)state;
	refresh(k);
	check(k);
	assert_int_equal(differences(k, true, false), 0);
	a = vm_lookup(&k->vm, (uintptr_t)&stack);
	assert_true(a && a->what.kind == VM_STACK);
	assert_int_equal(vm_map(&k->vm, 0, 8 * k->page, &what, -1, &at), 0);
	assert_int_equal(vm_protect(&k->vm, at + 2 * k->page, k->page, VM_R), 0);
	assert_int_equal(differences(k, false, false), 0);
	refresh(k);
	assert_int_equal(differences(k, true, false), 0);
	a = vm_lookup(&k->vm, at + 2 * k->page);
	assert_true(a && a->what.owner == &owners[0] && !(a->what.flags & VM_FOREIGN));
	assert_int_equal(vm_unmap(&k->vm, at, 8 * k->page), 0);
	assert_int_equal(differences(k, false, false), 0);
	finish(k);
}

/* What the child maps beside an area that it has inherited does not join it. */
static bool stays_apart(struct kernel *k, uintptr_t below)
{
	struct vm_what what = {
		.kind = VM_ANON, .prot = VM_R | VM_W, .flags = VM_FIXED, .owner = &owners[0]};

	return vm_map(&k->vm, below - k->page, k->page, &what, -1, NULL) == 0 &&
	       !differences(k, true, false) && vm_unmap(&k->vm, below - k->page, k->page) == 0;
}

/* What the child does shows in the child's registry and list alone: its copy is the fork's. */
static void forked_child(void **state)
{
	struct kernel *k = start(4, true);
	struct vm_what what = {.kind = VM_ANON, .prot = VM_R | VM_W, .owner = &owners[0]};
	int status;
	pid_t pid;

	(void)state;
	what.flags = VM_FIXED;
	assert_int_equal(vm_map(&k->vm, k->low + k->page, 4 * k->page, &what, -1, NULL), 0);
	memset((void *)(k->low + k->page), 1, 4 * k->page);
	pid = fork();
	assert_true(pid >= 0);
	if (!pid) {
		long differ;

		vm_forked(&k->vm);
		differ = !stays_apart(k, k->low + k->page);
		differ |= vm_unmap(&k->vm, k->low + 2 * k->page, k->page);
		differ |= differences(k, true, false);
		_exit(differ ? 1 : k->vm.count != 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	assert_int_equal(k->vm.count, 1);
	assert_int_equal(differences(k, true, false), 0);
	finish(k);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_writes),
		cmocka_unit_test(with_writes),
		cmocka_unit_test(whole_process),
		cmocka_unit_test(forked_child),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}

/* fake_sys.c: see fake_sys.h.  Also the arenas and the heap, each allocation a malloc() of its own,
 * so that the sanitizer sees where it ends. */
#include "fake_sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "alloc.h"
#include "mem.h"
#include "sys.h"

enum { FIRST_FD = 1000, MAX_FILES = 8, MAX_RANGES = 256 };

#define MAX_MAPPING ((size_t)1 << 30) /* of memory that can be written to */

static struct file {
	const char *path;
	const unsigned char *data;
	size_t size;
} files[MAX_FILES];
static size_t nfiles;
static unsigned opened;

/* ---- Files ---- */

void fake_add(const char *path, const void *data, size_t size)
{
	if (nfiles == MAX_FILES)
		abort();
	files[nfiles++] = (struct file){path, data, size};
}

static struct file *of_fd(int fd)
{
	if (fd < FIRST_FD || (size_t)(fd - FIRST_FD) >= nfiles)
		abort();
	return &files[fd - FIRST_FD];
}

static int find(const char *path)
{
	for (size_t i = 0; i < nfiles; i++)
		if (!strcmp(files[i].path, path))
			return FIRST_FD + (int)i;
	return -SYS_ENOENT;
}

int sys_open(const char *path)
{
	int fd = find(path);

	opened += fd >= 0;
	return fd;
}

void sys_close(int fd)
{
	of_fd(fd);
	opened--;
}

unsigned fake_open(void)
{
	return opened;
}

int sys_fstat(int fd, struct file_info *info)
{
	*info = (struct file_info){.dev = 1,
		.ino = (uint64_t)fd,
		.size = of_fd(fd)->size,
		.mode = 0100755,
		.links = 1};
	return 0;
}

int sys_stat(const char *path, struct file_info *info)
{
	int fd = find(path);

	return fd < 0 ? fd : sys_fstat(fd, info);
}

long sys_pread(int fd, void *buf, size_t n, uint64_t offset)
{
	const struct file *f = of_fd(fd);

	if (offset >= f->size)
		return 0;
	if (n > f->size - offset)
		n = f->size - offset;
	memcpy(buf, f->data + offset, n);
	return (long)n;
}

long sys_readlink(const char *path, char *buf, size_t n)
{
	(void)path, (void)buf, (void)n;
	return -SYS_ENOENT;
}

long sys_getcwd(char *buf, size_t n)
{
	(void)n;
	memcpy(buf, "/in", 4);
	return 4;
}

void sys_write(int fd, const char *text, size_t n)
{
	(void)fd, (void)text, (void)n;
}

_Noreturn void sys_exit(int code)
{
	(void)code;
	abort(); /* none of what is fuzzed may end the process */
}

/* ---- Memory ---- */

static struct range {
	uintptr_t start, end;
} ranges[MAX_RANGES]; /* what was handed out, and not unmapped since; may overlap in its own span
			 only */
static size_t nranges;

static bool ours(uintptr_t at, size_t len)
{
	for (size_t i = 0; i < nranges; i++)
		if (at >= ranges[i].start && len <= ranges[i].end - at && at < ranges[i].end)
			return true;
	return false;
}

static void fill(uintptr_t at, size_t len, const struct file *f, uint64_t offset)
{
	if (offset < f->size)
		memcpy((void *)at, f->data + offset,
			len < f->size - offset ? len : f->size - offset);
}

static int map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out)
{
	bool fixed = flags & VM_FIXED;
	void *p;

	(void)ctx;
	if ((prot && len > MAX_MAPPING) || nranges == MAX_RANGES)
		return -SYS_ENOMEM;
	if (fixed && !ours(at, len))
		abort();
	p = mmap((void *)at, len, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | (fixed ? MAP_FIXED : 0), -1, 0);
	if (p == MAP_FAILED)
		return -SYS_ENOMEM;
	if (fd >= 0)
		fill((uintptr_t)p, len, of_fd(fd), offset);
	mprotect(p, len, (int)prot & ~PROT_EXEC);
	if (!fixed)
		ranges[nranges++] = (struct range){(uintptr_t)p, (uintptr_t)p + len};
	*out = (uintptr_t)p;
	return 0;
}

/* A range that is cut in its middle leaves two. */
static int unmap(void *ctx, uintptr_t at, size_t len)
{
	(void)ctx;
	if (!ours(at, len))
		abort();
	for (size_t i = 0; i < nranges; i++) {
		struct range old = ranges[i];

		if (at >= old.end || at + len <= old.start)
			continue;
		ranges[i] = (struct range){old.start, at};
		if (old.end > at + len && nranges < MAX_RANGES)
			ranges[nranges++] = (struct range){at + len, old.end};
	}
	return munmap((void *)at, len) ? -SYS_EINVAL : 0;
}

static int protect(void *ctx, uintptr_t at, size_t len, unsigned prot)
{
	(void)ctx;
	if (!ours(at, len))
		abort();
	return mprotect((void *)at, len, (int)prot & ~PROT_EXEC) ? -SYS_ENOMEM : 0;
}

const struct vm_backend fake_backend = {map, unmap, protect};

size_t fake_mapped(void)
{
	size_t sum = 0;

	for (size_t i = 0; i < nranges; i++)
		sum += ranges[i].end - ranges[i].start;
	return sum;
}

/* ---- Arenas and the heap ---- */

struct chunk {
	struct chunk *older;
	size_t n;
	char bytes[];
};

static struct arena blocks; /* the heap's: freed all at once */

void *arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c;

	if (n > MAX_MAPPING)
		return NULL;
	c = calloc(1, sizeof *c + n);
	c->older = a->chunk;
	a->chunk = c;
	return c->bytes;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return strcpy(arena_alloc(a, strlen(s) + 1), s);
}

struct arena_mark arena_mark(const struct arena *a)
{
	return (struct arena_mark){a->chunk, NULL};
}

void arena_release(struct arena *a, struct arena_mark mark)
{
	while (a->chunk != mark.chunk) {
		struct chunk *c = a->chunk;

		a->chunk = c->older;
		free(c);
	}
}

void *heap_alloc(struct heap *h, size_t n, size_t align, uintptr_t phase)
{
	(void)h, (void)align, (void)phase;
	return arena_alloc(&blocks, n);
}

char *heap_strdup(struct heap *h, const char *s)
{
	(void)h;
	return arena_strdup(&blocks, s);
}

void heap_free(struct heap *h, void *block)
{
	(void)h, (void)block;
}

void fake_reset(void)
{
	arena_release(&blocks, (struct arena_mark){0});
	while (nranges) {
		struct range r = ranges[--nranges];

		if (r.end > r.start)
			munmap((void *)r.start, r.end - r.start);
	}
	nfiles = 0;
	opened = 0;
}

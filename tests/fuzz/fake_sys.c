/* fake_sys.c: see fake_sys.h.  Also the arenas and the heap, each allocation a malloc() of its own,
 * so that the sanitizer sees where it ends. */
#include "fake_sys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "memory/alloc.h"
#include "memory/kernel.h"
#include "base/mem.h"
#include "base/sys.h"

enum { PAGE = 4096, DIRECTORY_FD = 900, FIRST_FD = 1000, MAX_FILES = 16, MAX_RANGES = 256 };

#define WRITTEN ((int64_t)1 << 60) /* when all files were, in nanoseconds */
#define NOW     (WRITTEN + ((int64_t)1 << 40))
#define UP      ((int64_t)1 << 42) /* nanoseconds since the boot */

#define MAX_MAPPING ((size_t)1 << 30) /* of memory that can be written to */

static struct file {
	const char *path;
	const unsigned char *data;
	size_t size;
	bool own; /* path and data are to be freed */
} files[MAX_FILES];
static size_t nfiles;
static unsigned opened;

/* ---- Files ---- */

void fake_add(const char *path, const void *data, size_t size)
{
	if (nfiles == MAX_FILES)
		abort();
	files[nfiles++] = (struct file){path, data, size, false};
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
	if (fd != DIRECTORY_FD)
		of_fd(fd);
	opened--;
}

unsigned fake_open(void)
{
	return opened;
}

int sys_fstat(int fd, struct file_info *info)
{
	if (fd == DIRECTORY_FD) {
		*info = (struct file_info){.dev = 1, .ino = 1, .mode = 0040700, .links = 2};
		return 0;
	}
	*info = (struct file_info){.dev = 1,
		.ino = (uint64_t)fd,
		.size = of_fd(fd)->size,
		.mode = 0100755,
		.links = 1,
		.mtime = WRITTEN,
		.ctime = WRITTEN};
	return 0;
}

int sys_fstat_by(enum fstat_call call, int fd, struct file_info *info)
{
	(void)call;
	return sys_fstat(fd, info);
}

int sys_stat(const char *path, struct file_info *info)
{
	int fd = find(path);

	return fd < 0 ? fd : sys_fstat(fd, info);
}

int sys_lstat(const char *path, struct file_info *info)
{
	return sys_stat(path, info);
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

long sys_read(int fd, void *buf, size_t n)
{
	return sys_pread(fd, buf, n, 0);
}

bool sys_is_restricted_mount(int fd)
{
	(void)fd;
	return false;
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

/* ---- The directory ---- */

static const char *in_directory(const char *name)
{
	static char path[100];

	strcpy(path, FAKE_DIRECTORY);
	return strncat(path, name, sizeof path - sizeof FAKE_DIRECTORY);
}

int sys_open_path(const char *path)
{
	if (strncmp(path, FAKE_DIRECTORY, strlen(path)) != 0)
		return -SYS_ENOENT;
	opened++;
	return DIRECTORY_FD;
}

int sys_open_in(int dir, const char *name)
{
	(void)dir;
	return strcmp(name, ".") ? sys_open(in_directory(name)) : sys_open_path(FAKE_DIRECTORY);
}

int sys_create_in(int dir, const char *name)
{
	const char *path = in_directory(name);

	(void)dir;
	if (find(path) >= 0)
		return -SYS_EEXIST;
	fake_add(strdup(path), NULL, 0);
	files[nfiles - 1].own = true;
	return sys_open(path);
}

int sys_rename_in(int dir, const char *from, const char *to)
{
	struct file *f = of_fd(find(in_directory(from)));

	(void)dir;
	free((char *)f->path);
	f->path = strdup(in_directory(to));
	return 0;
}

int sys_unlink_in(int dir, const char *name)
{
	(void)dir;
	*(char *)of_fd(find(in_directory(name)))->path = 0;
	return 0;
}

long sys_list(int fd, void *buf, size_t n)
{
	(void)fd, (void)buf, (void)n;
	return 0;
}

int sys_mkdir(const char *path, unsigned mode)
{
	(void)path, (void)mode;
	return -SYS_EACCES;
}

int sys_fchmod(int fd, unsigned mode)
{
	(void)fd, (void)mode;
	return 0;
}

int sys_put(int fd, const void *buf, size_t n, uint64_t offset)
{
	struct file *f = of_fd(fd);
	unsigned char *data = (unsigned char *)f->data;

	if (offset + n > f->size) {
		data = realloc(data, offset + n);
		memset(data + f->size, 0, offset + n - f->size);
		f->size = offset + n;
	}
	memcpy(data + offset, buf, n);
	f->data = data;
	return 0;
}

bool fake_file(size_t i, const char **path, const void **data, size_t *size)
{
	for (struct file *f = files; f < files + nfiles; f++)
		if (!strncmp(f->path, FAKE_DIRECTORY, sizeof FAKE_DIRECTORY - 1) && !i--) {
			*path = f->path;
			*data = f->data;
			*size = f->size;
			return true;
		}
	return false;
}

int sys_may_write_in(int dir)
{
	(void)dir;
	return 0;
}

bool sys_keeps_times(const char *directory)
{
	(void)directory;
	return true;
}

int64_t sys_clock(int which)
{
	return which == SYS_CLOCK_BOOTTIME ? UP : NOW;
}

long sys_personality(void)
{
	return 0;
}

long sys_getpid(void)
{
	return 1;
}

/* ---- Memory ---- */

static struct range {
	uintptr_t start, end;
} ranges[MAX_RANGES]; /* what was handed out, and not unmapped since; may overlap in its own span
			 only */
static size_t nranges;

/* Places are handed out in a window that nobody else maps anything in.  Each round, from one
 * fake_reset() to the next, begins elsewhere in it; the part of one that is to be kept stays free,
 * and can be asked for. */
enum { ROUNDS = 32 };
#define ROUND  (2 * MAX_MAPPING)
#define WINDOW (ROUNDS * ROUND)

static uintptr_t window, next_place;
static unsigned rounds, kept = ROUNDS;

static uintptr_t choose_place(uintptr_t wanted, size_t len)
{
	uintptr_t at = next_place;
	uintptr_t low = window + kept * ROUND;
	bool free = kept < ROUNDS && wanted >= low && wanted - low < ROUND && len <= ROUND;

	for (size_t i = 0; i < nranges; i++)
		free &= wanted >= ranges[i].end || ranges[i].start >= wanted + len;
	if (free && wanted % PAGE == 0)
		return wanted;
	if (len > window + WINDOW - at)
		return 0;
	next_place += (len + PAGE - 1) & -(uintptr_t)PAGE;
	return at;
}

static void begin_round(void)
{
	if (!window)
		window = (uintptr_t)mmap(NULL, WINDOW, PROT_NONE,
			MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	rounds = (rounds + 1) % ROUNDS;
	if (rounds == kept)
		rounds = (rounds + 1) % ROUNDS;
	next_place = window + rounds * ROUND;
}

void fake_keep(void)
{
	kept = rounds;
}

/* Gives memory back. */
static int give_back(uintptr_t at, size_t len)
{
	return mmap((void *)at, len, PROT_NONE,
		       MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0) == MAP_FAILED
		       ? -SYS_EINVAL
		       : 0;
}

/* Ranges may adjoin. */
static bool ours(uintptr_t at, size_t len)
{
	const uintptr_t end = at + len;

	for (size_t i = 0; i < nranges && at < end; i++)
		if (at >= ranges[i].start && at < ranges[i].end) {
			at = ranges[i].end;
			i = (size_t)-1;
		}
	return at >= end;
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
	if (!fixed)
		at = choose_place(at, len);
	p = at ? mmap((void *)at, len, PROT_READ | PROT_WRITE,
			 MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0)
	       : MAP_FAILED;
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
		ranges[i] = (struct range){old.start, old.start < at ? at : old.start};
		if (old.end > at + len && nranges < MAX_RANGES)
			ranges[nranges++] = (struct range){at + len, old.end};
	}
	return give_back(at, len);
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

void sys_populate(uintptr_t at, size_t len)
{
	(void)at, (void)len;
}

/* ---- Arenas and the heap ---- */

struct chunk {
	struct chunk *older;
	size_t n;
	char bytes[];
};

static struct arena blocks; /* the heap's: freed all at once */

void arena_init(
	struct arena *a, struct vm *vm, const struct vm_owner *owner, void *first, size_t bytes)
{
	(void)first, (void)bytes;
	*a = (struct arena){.vm = vm, .owner = owner};
}

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

void *kernel_map_apart(size_t n)
{
	return arena_alloc(&blocks, n);
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

bool heap_grow(struct heap *h, void *table, size_t element, size_t *room, size_t least)
{
	size_t more = *room ? 2 * *room : least;
	void *grown = heap_alloc(h, more * element, 0, 0), *old;

	if (!grown)
		return false;
	memcpy(&old, table, sizeof old);
	if (*room)
		memcpy(grown, old, *room * element);
	memcpy(table, &grown, sizeof grown);
	*room = more;
	return true;
}

void fake_reset(void)
{
	arena_release(&blocks, (struct arena_mark){0});
	while (nranges) {
		struct range r = ranges[--nranges];

		if (r.end > r.start)
			give_back(r.start, r.end - r.start);
	}
	begin_round();
	for (; nfiles; nfiles--)
		if (files[nfiles - 1].own) {
			free((char *)files[nfiles - 1].path);
			free((unsigned char *)files[nfiles - 1].data);
		}
	opened = 0;
}

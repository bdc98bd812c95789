/* fake_sys.c: files and arenas in memory; see fake_sys.h. */
#include "fake_sys.h"

#include <stdlib.h>
#include <string.h>

#include "base/sys.h"

enum { FIRST_FD = 100 };

struct fake_sys fake;

#define MAPS (sizeof fake.maps / sizeof *fake.maps)

void fake_reset(void)
{
	fake_arena_free(&fake.heap);
	for (size_t i = 0; i < MAPS; i++)
		free(fake.maps[i]);
	memset(&fake, 0, sizeof fake);
	fake_arena_init(&fake.heap, 1 << 17);
	fake.cwd = "/cwd";
}

struct fake_file *fake_add(const char *path, const void *data, size_t size, uint32_t mode)
{
	struct fake_file *f = &fake.files[fake.nfiles++];

	if (fake.nfiles > sizeof fake.files / sizeof *fake.files)
		abort();
	*f = (struct fake_file){.path = path, .data = data, .size = size, .mode = mode};
	return f;
}

static struct fake_file *find(const char *path)
{
	for (size_t i = 0; i < fake.nfiles; i++)
		if (strcmp(fake.files[i].path, path) == 0)
			return &fake.files[i];
	return NULL;
}

static struct fake_file *of_fd(int fd)
{
	if (fd < FIRST_FD || (size_t)(fd - FIRST_FD) >= fake.nfiles)
		abort();
	return &fake.files[fd - FIRST_FD];
}

static void append(char *to, size_t room, const char *text, size_t n)
{
	size_t used = strlen(to);

	if (used + n >= room)
		abort();
	memcpy(to + used, text, n);
	to[used + n] = 0;
}

int sys_open(const char *path)
{
	struct fake_file *f = find(path);

	append(fake.opened, sizeof fake.opened, path, strlen(path));
	append(fake.opened, sizeof fake.opened, "\n", 1);
	if (!f)
		return -SYS_ENOENT;
	if (f->open_error)
		return f->open_error;
	fake.open_now++;
	return FIRST_FD + (int)(f - fake.files);
}

void sys_close(int fd)
{
	of_fd(fd);
	fake.open_now--;
}

static void tell(const struct fake_file *f, struct file_info *info)
{
	*info = (struct file_info){.dev = 1,
		.ino = (uint64_t)(f - fake.files) + 1,
		.size = f->size,
		.mode = f->mode,
		.uid = f->uid};
}

int sys_fstat(int fd, struct file_info *info)
{
	struct fake_file *f = of_fd(fd);

	tell(f, info);
	return f->fstat_error;
}

int sys_stat(const char *path, struct file_info *info)
{
	struct fake_file *f = find(path);

	fake.stats++;
	if (!f)
		return -SYS_ENOENT;
	tell(f, info);
	return f->fstat_error;
}

long sys_pread(int fd, void *buf, size_t n, uint64_t offset)
{
	struct fake_file *f = of_fd(fd);

	fake.preads++;
	if (f->read_error)
		return f->read_error;
	if (offset >= f->size)
		return 0;
	if (n > f->size - offset)
		n = (size_t)(f->size - offset);
	memcpy(buf, (const char *)f->data + offset, n);
	return (long)n;
}

void sys_write(int fd, const char *text, size_t n)
{
	if (fd < 0 || fd > 2)
		abort();
	fake.writes++;
	append(fake.written[fd], sizeof fake.written[fd], text, n);
}

long sys_readlink(const char *path, char *buf, size_t n)
{
	if (strcmp(path, "/proc/self/exe") || !fake.exe)
		return -SYS_ENOENT;
	if (n > strlen(fake.exe))
		n = strlen(fake.exe);
	memcpy(buf, fake.exe, n);
	return (long)n;
}

long sys_getcwd(char *buf, size_t n)
{
	if (!fake.cwd)
		return -SYS_ENOENT;
	if (strlen(fake.cwd) >= n)
		return -34; /* ERANGE */
	strcpy(buf, fake.cwd);
	return (long)strlen(fake.cwd) + 1;
}

/* The slot that holds p. */
static void **mapping(const void *p)
{
	for (size_t i = 0; i < MAPS; i++)
		if (fake.maps[i] == p)
			return &fake.maps[i];
	abort();
}

int vm_map(
	struct vm *vm, uintptr_t at, size_t len, const struct vm_what *what, int fd, uintptr_t *out)
{
	struct fake_file *f = of_fd(fd);
	void **slot = mapping(NULL);

	(void)vm, (void)at;
	if (what->kind != VM_FILE || what->offset || len < f->size)
		abort();
	if (fake.map_error)
		return fake.map_error;
	*slot = malloc(f->size);
	memcpy(*slot, f->data, f->size);
	*out = (uintptr_t)*slot;
	fake.mapped++;
	return 0;
}

int vm_unmap(struct vm *vm, uintptr_t at, size_t len)
{
	(void)vm, (void)len;
	*mapping((void *)at) = NULL;
	free((void *)at);
	fake.mapped--;
	return 0;
}

unsigned arch_isa_level(void)
{
	return fake.isa_level;
}

/* The one function of mem.h that the host's C library has not. */
const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* ---- arenas ---- */

struct chunk {
	struct chunk *older;
	char bytes[];
};

void fake_arena_init(struct arena *a, size_t bytes)
{
	static char room[1 << 20]; /* only its addresses are used, as a budget */

	if (bytes > sizeof room)
		abort();
	*a = (struct arena){.next = room, .end = room + bytes};
}

void *arena_alloc(struct arena *a, size_t n)
{
	struct chunk *c;

	if (n > (size_t)(a->end - a->next))
		return NULL;
	a->next += n;
	c = calloc(1, sizeof *c + n);
	if (!c)
		abort();
	c->older = a->chunk;
	a->chunk = c;
	return c->bytes;
}

char *arena_strdup(struct arena *a, const char *s)
{
	char *copy = arena_alloc(a, strlen(s) + 1);

	return copy ? strcpy(copy, s) : NULL;
}

void fake_arena_free(struct arena *a)
{
	while (a->chunk) {
		struct chunk *older = a->chunk->older;

		free(a->chunk);
		a->chunk = older;
	}
	a->end = a->next;
}

/* ---- the heap ---- */

void *heap_alloc(struct heap *h, size_t n, size_t align, uintptr_t phase)
{
	(void)h, (void)align, (void)phase;
	return arena_alloc(&fake.heap, n);
}

char *heap_strdup(struct heap *h, const char *s)
{
	(void)h;
	return arena_strdup(&fake.heap, s);
}

void heap_free(struct heap *h, void *block)
{
	(void)h, (void)block;
}

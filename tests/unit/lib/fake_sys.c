/* fake_sys.c: files in memory; see fake_sys.h. */
#define _GNU_SOURCE
#include "lib/fake_sys.h"

#include <errno.h>
#include <sanitizer/asan_interface.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "base/elf_types.h"
#include "base/sys.h"

enum { FIRST_FD = 100 };

struct fake_sys fake;

#define MAPS (sizeof fake.maps / sizeof *fake.maps)

void fake_reset(void)
{
	memset(&fake, 0, sizeof fake);
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

int sys_fstat_by(enum fstat_call call, int fd, struct file_info *info)
{
	(void)call;
	return sys_fstat(fd, info);
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

/* No path of a fake file leads to another. */
int sys_lstat(const char *path, struct file_info *info)
{
	return sys_stat(path, info);
}

long sys_read(int fd, void *buf, size_t n)
{
	return sys_pread(fd, buf, n, 0);
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
	bool known = !strcmp(path, "/proc/self/exe") || !strncmp(path, "/proc/self/fd/", 14);

	if (!known || !fake.exe)
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

/* The slot that holds p, or NULL. */
static void **mapping(const void *p)
{
	for (size_t i = 0; i < MAPS; i++)
		if (fake.maps[i] == p)
			return &fake.maps[i];
	return NULL;
}

static void *map_copy(const struct fake_file *f, size_t len, uint64_t offset)
{
	char *copy = mmap(NULL, len, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	void **slot = mapping(NULL);

	if (copy == MAP_FAILED || !slot || offset || len < f->size)
		abort();
	memcpy(copy, f->data, f->size);
	ASAN_POISON_MEMORY_REGION(copy + f->size, len - f->size);
	*slot = copy;
	fake.mapped++;
	return copy;
}

long sys_mmap(uintptr_t at, size_t len, int prot, int flags, int fd, uint64_t offset)
{
	void *p;

	if (fd >= 0)
		return fake.map_error ? fake.map_error : (long)map_copy(of_fd(fd), len, offset);
	p = mmap((void *)at, len, prot, flags, fd, (off_t)offset);
	return p == MAP_FAILED ? -errno : (long)p;
}

long sys_munmap(uintptr_t at, size_t len)
{
	void **slot = mapping((void *)at);

	if (slot) {
		*slot = NULL;
		fake.mapped--;
	}
	ASAN_UNPOISON_MEMORY_REGION((void *)at, len);
	return munmap((void *)at, len) ? -errno : 0;
}

unsigned arch_isa_level(void)
{
	return fake.isa_level;
}

/* floor.c: the least that a start of a program can cost, in a static program without a libc.
 *
 *	floor 0         exec and exit
 *	floor 1         also open, fstat, mmap and close of the program and all its libraries
 *	floor 2         also a write to each page that has a relocation: nothing shared
 *	floor 3         like 1, with data mapped from a snapshot, and a read of each such page
 *	floor 4         like 3, but the program's own pages are written: the kernel places it anew
 *	                in each process
 */
#include "base/elf_types.h"
#include "floor.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>

enum { FAILED = 1 };

static void leave(int status)
{
	arch_syscall(SYS_exit_group, status, 0, 0, 0, 0, 0);
}

static long must(long result)
{
	if (result < 0 && result > -4096)
		leave(FAILED);
	return result;
}

static int open_file(const char *path)
{
	return (int)must(
		arch_syscall(SYS_openat, AT_FDCWD, (long)path, O_RDONLY | O_CLOEXEC, 0, 0, 0));
}

static void close_file(int fd)
{
	arch_syscall(SYS_close, fd, 0, 0, 0, 0, 0);
}

static char *map(const struct floor_map *m, char *base, int fd, int snapshot)
{
	int flags = MAP_PRIVATE | (base ? MAP_FIXED : 0);
	long offset = (long)m->offset;

	if (m->kind == FLOOR_ZEROS) {
		flags |= MAP_ANONYMOUS;
		fd = -1;
		offset = 0;
	} else if (m->kind == FLOOR_DATA && snapshot >= 0) {
		fd = snapshot;
		offset = (long)m->kept;
	}
	return (char *)must(arch_syscall(SYS_mmap, base ? (long)(base + m->at) : 0, (long)m->len,
		m->prot, flags, fd, offset));
}

static char *map_object(const struct floor_object *o, int snapshot)
{
	struct stat st;
	int fd = open_file(o->path);
	char *base = NULL;

	must(arch_syscall(SYS_fstat, fd, (long)&st, 0, 0, 0, 0));
	for (unsigned i = 0; i < o->nmaps; i++) {
		char *at = map(&o->maps[i], base, fd, snapshot);

		if (!base)
			base = at;
	}
	close_file(fd);
	return base;
}

static void touch(const struct floor_object *o, char *base, int write)
{
	for (unsigned i = 0; i < o->nruns; i++)
		for (unsigned long p = 0; p < o->runs[i].pages; p++) {
			volatile char *at = base + o->runs[i].at + p * floor_page;

			if (write)
				*at = 1;
			else
				(void)*at;
		}
}

int main(int argc, char **argv)
{
	int floor = argc == 2 ? argv[1][0] - '0' : 0;
	int snapshot = floor >= 3 ? open_file(floor_snapshot) : -1;

	for (unsigned i = 0; floor && i < floor_count; i++) {
		const struct floor_object *o = &floor_objects[i];
		char *base = map_object(o, snapshot);

		if (floor >= 2)
			touch(o, base, floor == 2 || (floor == 4 && i == 0));
	}
	if (snapshot >= 0)
		close_file(snapshot);
	return 0;
}

/* fake_sys.h: the calls of ldso/base/sys.h that deal with files, on a few files in memory.
 *
 * Every path that is opened is written down, so that a test can ask for the exact list; any call on
 * a file can be told to fail.  fake_arena_*() are arenas (ldso/memory/alloc.h) of a limited size, in which
 * each allocation is a malloc() of its own, so that the sanitizer sees where it ends; a heap is one
 * more, fake.heap.  vm_map() gives a copy of a file, as long as that.
 */
#ifndef FAKE_SYS_H
#define FAKE_SYS_H

#include <stddef.h>
#include <stdint.h>

#include "memory/alloc.h"

struct fake_file {
	const char *path;
	const void *data;
	size_t size;
	uint32_t mode, uid;
	int open_error, fstat_error, read_error; /* negative errno */
};

struct fake_sys {
	struct fake_file files[32];
	size_t nfiles;
	char opened[16384];     /* paths, each with a newline behind it */
	char written[3][16384]; /* by descriptor */
	unsigned writes;
	int open_now;    /* descriptors that are not closed */
	const char *cwd; /* NULL: getcwd fails */
	const char *exe; /* what /proc/self/exe points to; NULL: there is no /proc */
	unsigned stats, preads;
	void *maps[8];      /* files that are mapped (vm_map) */
	unsigned mapped;    /* how many */
	int map_error;      /* negative errno */
	unsigned isa_level; /* arch_isa_level() */
	struct arena heap;  /* whichever heap is asked */
};

extern struct fake_sys fake;

/* Forgets everything. */
void fake_reset(void);
/* A file or (data NULL) a directory; the mode includes the type. */
struct fake_file *fake_add(const char *path, const void *data, size_t size, uint32_t mode);

void fake_arena_init(struct arena *a, size_t bytes);
/* Frees all blocks; the arena is empty and has no room. */
void fake_arena_free(struct arena *a);

#endif

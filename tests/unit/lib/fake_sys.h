/* fake_sys.h: the calls of ldso/base/sys.h that deal with files, on a few files in memory.
 *
 * Every path that is opened is written down, so that a test can ask for the exact list; any call on
 * a file can be told to fail.  A file that is mapped is a copy, and the sanitizer sees a byte read
 * behind its end.  Calls that deal with no file are the kernel's own.
 */
#ifndef FAKE_SYS_H
#define FAKE_SYS_H

#include <stddef.h>
#include <stdint.h>

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
	const char *exe; /* what /proc/self/exe and /proc/self/fd/N point to; NULL: there is no /proc */
	unsigned stats, preads;
	void *maps[8];      /* files that are mapped */
	unsigned mapped;    /* how many */
	int map_error;      /* negative errno */
	unsigned isa_level; /* arch_isa_level() */
};

extern struct fake_sys fake;

/* Forgets everything. */
void fake_reset(void);
/* A file or (data NULL) a directory; the mode includes the type. */
struct fake_file *fake_add(const char *path, const void *data, size_t size, uint32_t mode);

#endif

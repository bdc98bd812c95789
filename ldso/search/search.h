/* search.h: from a needed name to an open file. */
#ifndef SEARCH_H
#define SEARCH_H

#include "base/sys.h"
#include "state/loader.h"

#define PATH_LIMIT 4096 /* the kernel's PATH_MAX, the final 0 included */

/* Where a library is to lie because others refer to it there, and what holds its data. */
struct placement {
	uintptr_t start; /* of its first page */
	bool kept;       /* its data is in the snapshot, not its own file's: */
	int fd;          /* the snapshot; its file: */
	uint64_t dev, ino, size;
	uint64_t offset; /* of the library's first writable page */
};

/* A file that was found. */
struct found {
	int fd;
	char *path; /* as opened, in the arena that was passed */
	struct file_info info;
	const struct placement *place; /* where it is to lie; NULL: anywhere */
	/* The file's first bytes, where the search has read them: they hold the program headers of
	 * nearly every file. */
	size_t head_size;
	unsigned char head[1024] __attribute__((aligned(16)));
};

/* Looks for the library `name` that `by` needs (by is NULL for LD_PRELOAD and dlopen from nowhere),
 * by the rules of the world, and opens it.  A name with a slash is a path ($ORIGIN and the like are
 * expanded first).  Files of another class or machine are skipped, and the reason is part of the
 * message should nothing else be found.  Returns 0, or -1 with the reasons kept by diag_fail(). */
int search_library(struct loader *ld, const char *name, struct dso *by, struct arena *arena,
	struct found *found);

/* Calls visit for each directory, expanded, that search_library() would look into for `by`, in that
 * order.  -1 (reported) if that can't be told. */
int search_directories(struct loader *ld, struct dso *by,
	void (*visit)(void *arg, const char *directory), void *arg);

/* Looks for the program to run as a command: a name without a slash along PATH, as a shell does.
 * The path is kept in the permanent arena. */
int search_program(struct loader *ld, const char *name, struct found *found);

/* What LD_PRELOAD asks for, separated by colons or spaces.  In secure mode only libraries that the
 * default directories hold with the set-user-ID bit, by their paths.  NULL: nothing. */
const char *search_preload(struct loader *ld);

/* The libraries that the world's file has preloaded into every program, separated by colons or
 * spaces.  NULL: there is no such file. */
const char *search_preload_file(struct loader *ld);

/* The directory that d's file lies in, absolute; NULL when the kernel does not tell. */
const char *search_origin(struct loader *ld, struct dso *d);

/* Opens `path` if it is a file that this machine can load: 0.  1 if it is not, which is not
 * reported. -1, and the reason is kept, in a shortage (of memory, of descriptors, or the disk's
 * errors): what is found elsewhere might be the wrong file. */
int search_open(struct loader *ld, const char *path, struct arena *arena, struct found *found);

/* The same for the first such file `name` in the directories of `list`, separated by colons or
 * newlines. */
int search_list(struct loader *ld, const char *name, const char *list, struct arena *arena,
	struct found *found);

#endif

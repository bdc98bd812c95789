/* search.h: from a needed name to an open file. */
#ifndef SEARCH_H
#define SEARCH_H

#include "base/sys.h"
#include "state/loader.h"

#define PATH_LIMIT 4096 /* the kernel's PATH_MAX, including the final 0 */

/* The address at which a library must be mapped because prelinked pages refer to it there, and the
 * source of its data. */
struct placement {
	uintptr_t start;         /* address of its first page */
	bool kept;               /* its data comes from the snapshot, not from its own file */
	int fd;                  /* the snapshot */
	uint64_t dev, ino, size; /* of the snapshot's file */
	uint64_t offset;         /* of the library's first writable page in the snapshot */
};

/* A file that was found. */
struct found {
	int fd;
	char *path; /* as opened, in the arena that was passed */
	struct file_info info;
	const struct placement *place; /* where it must be mapped; NULL: anywhere */
	/* The file's first bytes, which hold the program headers of nearly every file; head_size 0:
	 * the search has not read them. */
	size_t head_size;
	unsigned char head[1024] __attribute__((aligned(16)));
};

/* Finds the library `name` that `by` needs (NULL: by no object, as in LD_PRELOAD), by the rules of
 * the libc ABI, and opens it.  A name with a slash is a path, in which $ORIGIN and the like are
 * expanded.  Files of another class or machine are skipped; the message names them if nothing else
 * is found.  A file that is no object ends the search.  found->path is allocated in `arena`; the caller closes found->fd.  -1: reported. */
int search_library(struct loader *ld, const char *name, struct dso *by, struct arena *arena,
	struct found *found);

struct unfit;

/* Reports why the file at path can't be loaded (fit.h); -1. */
int search_fail_unfit(struct loader *ld, const char *path, const struct unfit *why);

/* Unmaps ld.so.cache, if a search has used it; called when a start or a dlopen has loaded its
 * libraries. */
void search_end(struct loader *ld);

/* Calls visit for each directory, expanded, that search_library() would search for `by`, in order.
 * -1: the search path cannot be determined (reported). */
int search_directories(struct loader *ld, struct dso *by,
	void (*visit)(void *arg, const char *directory), void *arg);

struct libc_paths;

/* The default directories of the libc, and what $LIB stands for. */
const struct libc_paths *search_paths(struct loader *ld);

/* Finds and opens the program to run as a command: along PATH, as a shell does, if its name has no
 * slash.  found->path is allocated in the permanent arena.  -1: reported. */
int search_program(struct loader *ld, const char *name, struct found *found);

/* Writes the path of the program's file, without symbolic links, to path (n bytes).  false: unknown, as
 * without /proc (not reported). */
bool search_program_file(const struct loader *ld, char *path, size_t n);

/* The libraries of LD_PRELOAD, separated by colons or spaces; in secure mode the paths of those
 * that are in the default directories and have the set-user-ID bit.  NULL: none. */
const char *search_preload(struct loader *ld);

/* Of a list of names, which may be NULL, the paths of those that secure mode allows, separated by
 * colons, in the scratch arena; NULL: none.  what: the list, for LD_DEBUG. */
const char *search_trusted(
	struct loader *ld, const char *list, const char *separators, const char *what);

/* The libraries listed in the libc ABI's preload_file, separated by colons or spaces.  NULL: none,
 * or the file cannot be read, which is warned of on standard error. */
const char *search_preload_file(struct loader *ld);

/* What $ORIGIN stands for in d: the absolute directory of its file.  NULL: unknown (not
 * reported). */
const char *search_origin(struct loader *ld, struct dso *d);

/* The outcome of a search for a file that may be absent. */
enum search_result {
	SEARCH_FAILED =
		-1, /* reported: a shortage of memory or descriptors, or an I/O error, in which
			       case a file found elsewhere might be the wrong one */
	SEARCH_FOUND = 0,
	SEARCH_ABSENT = 1, /* no such file, or not one that this machine can load; not reported */
};

/* Opens `path` if it is a file that this machine can load.  Ownership as in search_library(). */
enum search_result search_open(
	struct loader *ld, const char *path, struct arena *arena, struct found *found);

/* Opens the first such file `name` in the directories of `list`, separated by colons or
 * newlines. */
enum search_result search_list(struct loader *ld, const char *name, const char *list,
	struct arena *arena, struct found *found);

#endif

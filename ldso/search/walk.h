/* walk.h: a search that is under way, as the files of this folder share it.
 */
#ifndef SEARCH_WALK_H
#define SEARCH_WALK_H

#include "search/ldcache.h"
#include "search/search.h"

#define FILE_LIMIT 65536 /* bytes of a configuration file that are read */

struct search {
	struct loader *ld;
	const char *name;
	char *skipped; /* "; skipped FILE: REASON" for each, in the scratch arena; NULL: none */
	bool stop;     /* a shortage: looking further might find the wrong file */
	int fd;
	struct file_info info;
	struct found *found;                             /* whose head is read into */
	void (*visit)(void *arg, const char *directory); /* instead of looking into them; or NULL */
	void *arg;
	char *path; /* what is tried: PATH_LIMIT bytes */
};

struct search_list {
	const char *text, *separators;
	const char *from;  /* where the list comes from, for LD_DEBUG=libs */
	const char *file;  /* which file it comes from; NULL: from none */
	struct dso *owner; /* $ORIGIN is this object's directory; NULL: nothing is expanded */
	bool empty_is_cwd; /* an empty element means the current directory */
	bool hwcaps;       /* glibc-hwcaps is looked at in each directory */
	bool (*fits)(struct search *s); /* whether the open file is what we look for */
};

/* Remembers why a file that was there is not taken; all such reasons, "" without one. */
void search_skip(struct search *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *search_reasons(const struct search *s);

/* What an error of open(2) means for a search: nothing is there, or going on might find the wrong
 * file. */
bool search_is_absence(int error);
bool search_is_shortage(int error);

/* Opens s->path, a regular file, as s->fd: 0, or what open(2) or fstat(2) said, or 1 for something
 * else; search_error_text() has words for the latter two. */
int search_open_file(struct search *s);
const char *search_error_text(int error);

/* Whether the open file is one that this machine can load, or has an execute bit; else the reason
 * is remembered. */
bool search_fits_machine(struct search *s);
bool search_fits_executable(struct search *s);

/* Reads a configuration file, s->path, into the heap.  NULL: there is no such file (*absent), or it
 * cannot be read, and the reason is remembered. */
char *search_read_text(struct search *s, bool *absent);

/* Hands the open file to the caller, with its path in the arena: 0, or -1 with the reason reported.
 * search_take_if_found(): 1 if there is none and the search went to its end. */
int search_take(struct search *s, struct arena *arena, struct found *found);
int search_take_if_found(struct search *s, struct arena *arena, struct found *found);

/* Tries s->path; leaves the file open in s->fd when it is the one.  What open(2) said. */
int search_try_path(struct search *s, const struct search_list *l);

/* Walks along a list.  True when the search is over: found, or not to be continued. */
bool search_walk(struct search *s, const struct search_list *l);

/* What is known of the places where libraries lie, in the heap. */
struct places {
	struct ldcache ldcache;
	const char *default_path;      /* order.c: the libc's own directories; NULL until read */
	struct directory *directories; /* directory.c */
};

/* The process' own.  NULL: no memory, which ends the search. */
struct places *search_places(struct search *s);

#endif

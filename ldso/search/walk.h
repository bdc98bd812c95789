/* walk.h: the state of a search, shared by the files of this folder. */
#ifndef SEARCH_WALK_H
#define SEARCH_WALK_H

#include "search/fit.h"
#include "search/ldcache.h"
#include "search/search.h"
#include "state/auditing.h"

#define FILE_LIMIT 65536 /* bytes of a configuration file that are read */

/* The path that is tried, for a search that does not begin within another.  Static, since a thread's
 * stack may have as little as 16 KiB; the lock is held. */
extern char search_buffer[PATH_LIMIT];

struct search {
	struct loader *ld;
	const char *name;
	char *skipped; /* "; skipped FILE: REASON" for each, in the scratch arena; NULL: none */
	bool stop;     /* a shortage: searching on might find the wrong file */
	long error;    /* the shortage: -errno */
	/* The file is to be a library: the search ends with one of that name that is no object at
	 * all, as ld.so's does, rather than skip it. */
	bool for_library;
	bool reported;           /* why the search was stopped */
	const char *other_class; /* what is said of the last file of another class; NULL: none */
	int fd;                  /* the open file; negative: none */
	struct file_info info;   /* of the open file */
	struct found *found;     /* receives the file's first bytes */
	void (*visit)(void *arg, const char *directory); /* only list the directories; or NULL */
	void *arg;
	char *path;       /* the path being tried: PATH_LIMIT bytes */
	const char *file; /* what an auditor has opened in its place; or NULL */
	struct dso *by;   /* the object that needs the library, for auditors; or NULL */
};

struct search_list {
	const char *text, *separators;
	const char *from;  /* source of the list, for LD_DEBUG=libs */
	const char *file;  /* the file that it is from, or NULL */
	struct dso *owner; /* the object whose $ORIGIN is meant; NULL: nothing is expanded */
	bool empty_is_cwd; /* an empty element means the current directory */
	bool hwcaps;       /* glibc-hwcaps is searched in each directory */
	bool (*fits)(struct search *s); /* whether the open file is suitable */
	enum audit_stage stage;
};

/* Records why a file or directory is skipped. */
void search_skip(struct search *s, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
/* All recorded reasons; "": none. */
const char *search_reasons(const struct search *s);

/* Whether an error of open(2) means that there is no such file, or that searching on might find the
 * wrong file. */
bool search_is_absence(int error);
bool search_is_shortage(int error);

/* Ends the search if the error is a shortage. */
void search_stop_at_shortage(struct search *s, long error);
/* Ends the search for a library at s->path, which is no regular file; reported. */
void search_fail_irregular(struct search *s);

/* Opens s->path, a regular file, as s->fd.  Returns 0, -errno of open(2) or fstat(2), or 1 if it is
 * not a regular file: absence and shortage are told by the errno.  Not reported;
 * search_error_text() is the text of any such error. */
int search_open_file(struct search *s);
const char *search_error_text(int error);

/* Whether this machine can load the open file, or whether it has an execute bit; if not, the reason
 * is recorded. */
bool search_fits_machine(struct search *s);
bool search_fits_executable(struct search *s);

/* The contents of the configuration file s->path, in the heap.  NULL: there is no such file
 * (*absent), or it cannot be read, and the reason is recorded. */
char *search_read_text(struct search *s, bool *absent);

/* Moves the open file to *found, with its path in the arena.  -1: no memory (reported), and the
 * file is closed. */
int search_hand_over(struct search *s, struct arena *arena, struct found *found);

/* The same at the end of a search that may have found nothing. */
enum search_result search_hand_over_if_found(
	struct search *s, struct arena *arena, struct found *found);

/* Tries s->path; leaves it open as s->fd if it is suitable, or else records why not.  Returns what
 * search_open_file() did. */
int search_try_path(struct search *s, const struct search_list *l);

/* Searches the directories of a list.  Returns whether the search is over: the file is found, or
 * s->stop is set. */
bool search_walk(struct search *s, const struct search_list *l);

/* What the process has learnt about directories and ld.so.cache, in the heap. */
struct places {
	struct ldcache ldcache;
	const char *path_file;         /* order.c: the libc's configuration file; NULL: not read */
	struct directory *directories; /* directory.c */
};

/* The struct places of the process.  NULL: no memory, which ends the search (s->stop). */
struct places *search_places(struct search *s);

#endif

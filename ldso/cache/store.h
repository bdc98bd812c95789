/* store.h: the cache directories.
 *
 * There may be two: the user's ($XDG_CACHE_HOME/myld, or ~/.cache/myld) and the system's
 * (/var/cache/myld).  A start does not create them: without a directory nothing is recorded.  A
 * directory is used only if it belongs to root and is writable by root only, or belongs to the user
 * and is accessible to that user only; a user's store that belongs to root must not be on a mount with
 * nosuid or nodev.  Its files must not be writable by others.  In secure mode
 * only the system's is used.  Calls return 0 (or a descriptor) or a negative errno; -EPERM means
 * that the directory or file exists but is not trusted.
 *
 *	KEY.plan        plan.h; KEY: 16 hexadecimal digits
 *	KEY-XXX.pages   the relocated pages of that plan
 *	KEY.open        a dlopen's plan
 *	.new-PID-N      a file that is being written
 *	limit           the total size allowed in bytes: a number, and K, M or G
 *
 * Other files in the directory are left alone.
 */
#ifndef STORE_H
#define STORE_H

#include "base/sys.h"
#include "state/loader.h"

#define STORE_PATH       4096
#define STORE_TEXT       (STORE_PATH + 256) /* bytes of store_describe()'s text */
#define STORE_NAME       48                 /* bytes of the longest file name, with its final 0 */
#define STORE_KEY        16 /* digits that the names of a plan and its pages begin with */
#define STORE_LIMIT_FILE "limit"
#define STORE_LIMIT      ((uint64_t)512 << 20) /* the limit without that file */

enum store_place { STORE_USER, STORE_SYSTEM };

struct store {
	int dir;               /* of sys_open_path() */
	bool own;              /* the user's, not the system's */
	bool secret;           /* what is written tells of a program that not everybody may read */
	struct file_info info; /* of the directory, if it exists, trusted or not */
};

enum store_kind {
	STORE_FOREIGN,
	STORE_PLAN,
	STORE_PAGES,
	STORE_OPEN,
	STORE_TEMPORARY,
	STORE_SETTING
};

/* A file in memory, read-only. */
struct store_file {
	const char *data;
	size_t size;
	bool copied; /* data is in the loader's heap, otherwise mapped */
};

/* Writes the directory's path to path (n bytes); false if it is undefined or too long. */
bool store_path(const struct loader *ld, enum store_place place, char *path, size_t n);

int store_open(const struct loader *ld, enum store_place place, struct store *s);
void store_close(struct store *s);
/* Opens a store again that was closed, if it is not open; it must be the same directory. */
int store_reopen(const struct loader *ld, struct store *s);
/* Whether this process has permission to create files in it. */
bool store_is_writable(const struct store *s);
/* Writes a description of the store for users (STORE_TEXT bytes), with its path; e is the result of
 * store_open(). */
void store_describe(const struct loader *ld, const struct store *s, int e, char *text);

/* Calls try() with the user's store, then the system's, until it returns true.  Returns whether it
 * did; if not, *writable is the first store that this process can create files in, open, or .dir is
 * negative if there is none. */
bool store_search(struct loader *ld,
	bool (*try)(struct loader *ld, const struct store *s, void *arg), void *arg,
	struct store *writable);

/* The kind of a file, from its name only. */
enum store_kind store_kind(const char *name);
/* Whether a name is that of a plan or of pages with the same key as the other. */
bool store_is_of_key(const char *name, const char *other);

/* Opens a file of the store for reading, if it is trusted, and sets *info. */
int store_open_file(
	const struct loader *ld, const struct store *s, const char *name, struct file_info *info);
/* Maps a file of the store, if it is trusted. */
int store_map(struct loader *ld, const struct store *s, const char *name, struct store_file *f);
/* The same for short-lived use: copies a small file instead, which is faster. */
int store_read(struct loader *ld, const struct store *s, const char *name, struct store_file *f);
void store_unmap(struct loader *ld, struct store_file *f);

/* Creates a file under a temporary name, written to name (n bytes), and returns its descriptor;
 * then store_keep() renames or store_drop() removes it. */
int store_create(const struct store *s, char *name, size_t n);
int store_keep(const struct store *s, const char *name, const char *as);
void store_drop(const struct store *s, const char *name);
/* Writes a file with these bytes: creates and renames it. */
int store_put(const struct store *s, const void *data, size_t n, const char *as);

/* Calls visit for every name in the directory that is short enough to be one of ours, unchecked. */
int store_names(const struct store *s, void (*visit)(void *arg, const char *name), void *arg);
/* The same for each trusted file; files that visit removes meanwhile may or may not be visited. */
int store_walk(const struct loader *ld, const struct store *s,
	void (*visit)(void *arg, const char *name, const struct file_info *info), void *arg);

/* Parses a number of bytes: digits, and optionally K, M or G; false if text is something else. */
bool store_size(const char *text, uint64_t *bytes);
/* The total size in bytes that its files may have. */
uint64_t store_limit(const struct loader *ld, const struct store *s);

/* Called after a plan, and possibly its pages, have been written (file names; "": none): removes
 * older pages of the plan, temporary files of killed writers, and the oldest plans with their pages
 * until the total size is within the limit. */
void store_trim(
	const struct loader *ld, const struct store *s, const char *plan, const char *pages);

#endif

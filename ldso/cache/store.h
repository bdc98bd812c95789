/* store.h: the directory that holds what earlier starts have left for later ones.
 *
 * There may be two: the user's ($XDG_CACHE_HOME/myld, or ~/.cache/myld) and the system's.  Neither
 * is made by a start: where there is none, nothing is remembered.  A directory is used only if it
 * is root's and nobody else can write to it, or the user's and nobody else can even look into it;
 * nobody else may be able to write to a file of it.  In secure mode there is only the system's.
 * Calls return 0 (or a descriptor) or a negative errno; -EPERM says that something is there and not
 * to be trusted.
 *
 *	KEY.plan        plan.h; KEY: 16 hexadecimal digits
 *	KEY-XXX.pages   the relocated pages of that plan
 *	KEY.open        reopen.h, likewise
 *	.new-PID-N      what a writer is at
 *	limit           how many bytes all of these may have: a number, and K, M or G
 *
 * Files of other names are nobody's business here.
 */
#ifndef STORE_H
#define STORE_H

#include "base/sys.h"
#include "state/loader.h"

#define STORE_PATH       4096
#define STORE_TELL       (STORE_PATH + 256) /* bytes for store_tell() */
#define STORE_NAME       48 /* bytes of the longest name of a file, with its final 0 */
#define STORE_KEY        16 /* with which the names of a plan and its pages begin */
#define STORE_LIMIT_FILE "limit"
#define STORE_LIMIT      ((uint64_t)512 << 20) /* the limit unless there is that file */

enum store_place { STORE_USER, STORE_SYSTEM };

struct store {
	int dir;               /* its descriptor, for names to be looked up in */
	bool own;              /* the user's, not the system's */
	struct file_info info; /* if there is something, be it trusted or not */
};

enum store_kind {
	STORE_FOREIGN,
	STORE_PLAN,
	STORE_PAGES,
	STORE_OPEN,
	STORE_TEMPORARY,
	STORE_SETTING
};

/* A file in memory, to be read. */
struct store_file {
	const char *data;
	size_t size;
	bool copied; /* into the loader's heap; otherwise it is mapped */
};

/* The directory's path; false: there can't be one. */
bool store_path(const struct loader *ld, enum store_place place, char *path, size_t n);

int store_open(const struct loader *ld, enum store_place place, struct store *s);
void store_close(struct store *s);
/* Whether this process can leave files there, as far as permissions tell. */
bool store_is_writable(const struct store *s);
/* What store_open() has found, e being its result, with the path, for people (STORE_TELL bytes); s
 * is open if it could be. */
void store_tell(const struct loader *ld, const struct store *s, int e, char *text);

/* Looks into the user's store, then the system's, until try() has found what it looks for: true.
 * Otherwise *writable is the first of them that this process can leave files in, open; its .dir is
 * negative if there is none. */
bool store_search(struct loader *ld,
	bool (*try)(struct loader *ld, const struct store *s, void *arg), void *arg,
	struct store *writable);

/* By the name alone. */
enum store_kind store_kind(const char *name);
/* Whether a name is that of a plan or of pages with the same key as the other. */
bool store_is_of_key(const char *name, const char *other);

/* A file of it, to be read. */
int store_open_file(
	const struct loader *ld, const struct store *s, const char *name, struct file_info *info);
int store_map(struct loader *ld, const struct store *s, const char *name, struct store_file *f);
/* The same for a short time, after which it is unmapped: a small one is only copied. */
int store_read(struct loader *ld, const struct store *s, const char *name, struct store_file *f);
void store_unmap(struct loader *ld, struct store_file *f);

/* A new file, written under a name (n bytes) that no other writer has; then it gets its own, or
 * goes. */
int store_create(const struct store *s, char *name, size_t n);
int store_keep(const struct store *s, const char *name, const char *as);
void store_drop(const struct store *s, const char *name);
/* All of these at once: a file with these bytes. */
int store_put(const struct store *s, const void *data, size_t n, const char *as);

/* Calls visit for each name that could be one of ours, be it what it may. */
int store_names(const struct store *s, void (*visit)(void *arg, const char *name), void *arg);
/* The same for each file that is to be trusted; what it removes meanwhile may or may not be
 * visited. */
int store_walk(const struct loader *ld, const struct store *s,
	void (*visit)(void *arg, const char *name, const struct file_info *info), void *arg);

/* Reads a number of bytes: digits, and K, M or G. */
bool store_size(const char *text, uint64_t *bytes);
/* How many bytes its files may have. */
uint64_t store_limit(const struct loader *ld, const struct store *s);

/* A plan with these pages, or what a dlopen has left, has been written (names; "": none): removes
 * older pages for it; and others, plans with their pages, those first that were written longest
 * ago, until all together keep to the limit; and what killed writers have left behind. */
void store_trim(
	const struct loader *ld, const struct store *s, const char *plan, const char *pages);

#endif

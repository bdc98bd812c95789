/* store.h: the directory that holds what earlier starts have left for later ones.
 *
 * There may be two: the user's ($XDG_CACHE_HOME/myld, or ~/.cache/myld) and the system's.  Neither
 * is made by a start: where there is none, nothing is remembered.  A directory is used only if it
 * belongs to root or to the user and nobody else can write to it; the same holds for each file in
 * it.  In secure mode there is only the system's.  Calls return 0 (or a descriptor) or a negative
 * errno; -EPERM says that something is there and not to be trusted.
 */
#ifndef STORE_H
#define STORE_H

#include "loader.h"
#include "sys.h"

#define STORE_NAME 48 /* bytes of the longest name of a file, with its final 0 */

enum store_place { STORE_USER, STORE_SYSTEM };

struct store {
	int dir;  /* its descriptor, for names to be looked up in */
	bool own; /* the user's: nobody else's files are expected in it */
};

/* A file, mapped to be read. */
struct store_file {
	const char *data;
	size_t size;
};

/* The directory's path; false: there can't be one. */
bool store_path(const struct loader *ld, enum store_place place, char *path, size_t n);

int store_open(const struct loader *ld, enum store_place place, struct store *s);
void store_close(struct store *s);
/* Whether this process can leave files there, as far as permissions tell. */
bool store_is_writable(const struct store *s);

/* A file of it, to be read. */
int store_open_file(
	const struct loader *ld, const struct store *s, const char *name, struct file_info *info);
int store_map(struct loader *ld, const struct store *s, const char *name, struct store_file *f);
void store_unmap(struct loader *ld, struct store_file *f);

/* A new file, written under a name (n bytes) that no other writer has; then it gets its own, or
 * goes. */
int store_create(const struct store *s, char *name, size_t n);
int store_keep(const struct store *s, const char *name, const char *as);
void store_drop(const struct store *s, const char *name);

/* Calls visit for each file; what it removes meanwhile may or may not be visited. */
int store_walk(const struct loader *ld, const struct store *s,
	void (*visit)(void *arg, const char *name, const struct file_info *info), void *arg);

/* A plan with these pages (names; "": none) has been written: removes older pages for it; and other
 * files, those first that were written longest ago, until all together have at most `limit`
 * bytes; and what killed writers have left behind. */
void store_trim(const struct loader *ld, const struct store *s, uint64_t limit, const char *plan,
	const char *pages);

#endif

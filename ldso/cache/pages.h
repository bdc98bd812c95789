/* pages.h: the snapshot: a file with the relocated pages of a program's libraries, which its starts
 * share.
 *
 * The pages are written straight from the libraries' own memory, at the one moment when they hold
 * what depends on no process: relocated for the addresses that the libraries have here, which later
 * starts give them too, but for what is left to each process.
 */
#ifndef PAGES_H
#define PAGES_H

#include "cache/plan.h"

/* Whether this process may keep pages: not if its addresses are no secret (personality(2)). */
bool pages_may_be_kept(void);

/* A snapshot that is being written. */
struct pages_file {
	int fd; /* negative: there is none */
	char name[STORE_NAME];
	uint64_t size;
};

/* Begins one; -1: it cannot be written. */
int pages_create(struct pages_file *p, const struct store *s);

/* Writes the pages of d, an object with PRELINK_KEPT.  -1: they cannot be written. */
int pages_add(struct loader *ld, struct pages_file *p, const struct dso *d);

/* Writes the word at `where`, in such an object, once more. */
int pages_patch(struct loader *ld, struct pages_file *p, const uintptr_t *where);

/* Gives the file its last name, after that of the plan; what it then is goes to *info: those who
 * change it later change its times.  -1: it cannot be kept. */
int pages_keep(struct pages_file *p, const struct store *s, const char *plan, char name[STORE_NAME],
	struct file_info *info);

/* Removes it. */
void pages_drop(struct pages_file *p, const struct store *s);

/* The plan's pages, to be read; -SYS_EAGAIN: they are from before the last boot; other negative
 * ones: there are none, or not those that were written.  miss_reason() says it in words. */
int pages_open(struct loader *ld, const struct store *s, const struct plan *plan);

#endif

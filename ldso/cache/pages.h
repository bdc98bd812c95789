/* pages.h: the snapshot: a file with the prelinked pages of a program's libraries, shared by its
 * starts.
 *
 * The pages are written from the libraries' own memory, after all relocations whose result is the
 * same in each process, and before those that are left to each process.  Later starts map the
 * libraries at the same addresses.
 */
#ifndef PAGES_H
#define PAGES_H

#include "cache/plan.h"

/* Whether this process may write a snapshot: not if its addresses are not random (personality(2),
 * or valgrind's choice), since later starts would have the same. */
bool pages_may_be_kept(void);

/* A snapshot while it is written. */
struct pages_file {
	int fd; /* negative: none */
	char name[STORE_NAME];
	uint64_t size;
};

/* Creates the file.  Returns 0 or -1 (not reported). */
int pages_create(struct pages_file *p, const struct store *s);

/* Writes the pages of d, an object with PRELINK_KEPT.  Returns 0 or -1 (not reported). */
int pages_add(struct loader *ld, struct pages_file *p, const struct dso *d);

/* Writes the word at `where`, in such an object, again.  Returns 0 or -errno. */
int pages_patch(struct loader *ld, struct pages_file *p, const uintptr_t *where);

/* Closes the file and gives it its final name, derived from the plan's.  Sets *info, by which a
 * later change can be detected.  Returns 0 or -1 (not reported). */
int pages_keep(struct pages_file *p, const struct store *s, const char *plan, char name[STORE_NAME],
	struct file_info *info);

/* Closes and removes the file, if there is one. */
void pages_drop(struct pages_file *p, const struct store *s);

/* Opens the plan's snapshot for reading.  Returns the descriptor, -SYS_EAGAIN if it is from before
 * the last boot, or another negative errno if there is none or its file has changed; miss_reason()
 * has the text. */
int pages_open(struct loader *ld, const struct store *s, const struct plan *plan);

#endif

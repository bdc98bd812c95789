/* index.h: address -> owner, for readers that take no lock.
 *
 * An index holds address ranges that do not overlap, each with two words of its owner's.  It is
 * kept twice: one copy is the current one, and the writer changes the other and then swaps them.
 * So there is always a whole copy to read, however long a writer takes, and a reader may run
 * anywhere: in other threads, in a signal handler, in one that interrupts the writer itself.
 *
 * Writers (add, remove) are serialised by their caller.  Readers (find) never wait for a writer,
 * allocate nothing and make no system call; they look again only if an update was completed while
 * they looked.  What find tells was true at one moment during the call.  Memory that was given to
 * an index stays with it for ever, for a reader may still be looking at it.
 */
#ifndef VM_INDEX_H
#define VM_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range [start, end) and whatever its owner wants to be told of it.  The index copies the words
 * and never follows them: what they point to is the owner's, and whoever finds them has to know
 * that it is still there (it is while the range cannot go away: the caller runs in it, say). */
struct vm_index_entry {
	uintptr_t start, end;
	void *what;
	void *more;
};

struct vm_index_copy;

/* All zero, an index is empty and can be read. */
struct vm_index {
	uintptr_t version; /* copies[version % 2] is the current copy */
	struct vm_index_copy *copies[2];
	size_t same; /* the first so many entries are alike in both copies; the writer's */
	void *(*alloc)(void *ctx, size_t bytes);
	void *ctx;
};

/* Prepares an empty index that nobody reads yet.  first is memory to begin with, zeroed and aligned
 * to an entry's size: VM_INDEX_BYTES(n) holds n - 1 ranges, n a power of two of at least 4; bytes
 * may be 0.  When it is full, alloc returns more of the kind, that is never used for anything else
 * afterwards; NULL: there is none. */
void vm_index_init(struct vm_index *ix, void *first, size_t bytes,
	void *(*alloc)(void *ctx, size_t bytes), void *ctx);

#define VM_INDEX_BYTES(n)                                                                          \
	(2 * (((n) + 1) * sizeof(struct vm_index_entry) + (n) * sizeof(uintptr_t)))

/* Adds a range: found by every find that begins after this returns.  0; -EINVAL when it is empty or
 * begins at 0, -EEXIST when it overlaps another, -ENOMEM: then nothing has changed. */
int vm_index_add(struct vm_index *ix, const struct vm_index_entry *entry);

/* Removes the range that begins at start: not found by any find that begins after this returns.
 * false when there is none.  Needs no memory. */
bool vm_index_remove(struct vm_index *ix, uintptr_t start);

/* Copies the entry whose range holds addr to *out; false when there is none (*out is changed all
 * the same).  hint (may be NULL) says where to look first and is set to where the entry was: any
 * value is good at first, and threads may share one, but they are faster with one each.
 *
 * Memory order: what was written before vm_index_add(), in the thread that called it, is seen by
 * whoever finds the entry. */
bool vm_index_find(
	const struct vm_index *ix, uintptr_t addr, size_t *hint, struct vm_index_entry *out);

#endif

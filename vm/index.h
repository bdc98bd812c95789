/* index.h: address -> owner, for readers that take no lock.
 *
 * An index holds address ranges that do not overlap, each with two words of its owner's.  It is
 * kept twice: one copy is the current one, and the writer changes the other and then swaps them.
 * So there is always a complete copy to read, however long a writer takes, and a reader may run
 * anywhere: in other threads, in a signal handler, in one that interrupts the writer itself.
 *
 * Writers (add, remove) are serialised by their caller.  Readers (find) never wait for a writer,
 * allocate nothing and make no system call; they repeat a search only if an update was completed
 * meanwhile.  The result of a find was true at one moment during the call.  Memory given to an
 * index is never freed, because a reader may still be using it.
 */
#ifndef VM_INDEX_H
#define VM_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A range [start, end) and two pointers of its owner's.  The index copies the pointers and never
 * follows them.  They point to memory of the owner's: a reader must know that it still exists (it
 * does while the range cannot be removed: when the caller's own code lies in it, for example). */
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
	size_t same; /* this many entries at the beginning are equal in both copies; the writer's */
	void *(*alloc)(void *ctx, size_t bytes);
	void *ctx;
};

/* Initialises an empty index that has no reader yet.  first is its first memory, zeroed and aligned
 * to an entry's size: VM_INDEX_BYTES(n) holds n - 1 ranges, n a power of two of at least 4; bytes
 * may be 0.  When it is full, alloc(ctx, bytes) returns more memory of this kind, which the index
 * keeps, or NULL if there is none. */
void vm_index_init(struct vm_index *ix, void *first, size_t bytes,
	void *(*alloc)(void *ctx, size_t bytes), void *ctx);

#define VM_INDEX_BYTES(n)                                                                          \
	(2 * (((n) + 1) * sizeof(struct vm_index_entry) + (n) * sizeof(uintptr_t)))

/* Adds a range: every find that begins after the return finds it.  Returns 0, or, with nothing
 * changed, -EINVAL when the range is empty or begins at 0, -EEXIST when it overlaps another,
 * -ENOMEM. */
int vm_index_add(struct vm_index *ix, const struct vm_index_entry *entry);

/* Removes the range that begins at start: no find that begins after the return finds it.  Returns
 * false when there is none.  Needs no memory. */
bool vm_index_remove(struct vm_index *ix, uintptr_t start);

/* Copies the entry whose range holds addr to *out; returns false when there is none (*out may be
 * changed all the same).  hint (may be NULL) is the slot to try first and is set to the slot of the
 * entry: any initial value will do, and threads may share one, but are faster with one each.
 *
 * Memory order: a reader that finds an entry sees what the thread that added it had written before
 * vm_index_add(). */
bool vm_index_find(
	const struct vm_index *ix, uintptr_t addr, size_t *hint, struct vm_index_entry *out);

#endif

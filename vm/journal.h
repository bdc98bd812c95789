/* journal.h: internals of the registry, used in vm/ only.
 *
 * The parts of the public calls: the pool of nodes, the one insert and the one remove that keep
 * list, tree, gaps and cache consistent, and the overlap cases.  Only vm_ensure() calls the
 * backend, so a public call consists of vm_ensure(), then its system call, then what cannot fail.
 */
#ifndef VM_JOURNAL_H
#define VM_JOURNAL_H

#include "vm/area.h"

/* Linux's error numbers, the same on all machines: there is no libc to define them. */
enum { VM_ENOMEM = 12, VM_EFAULT = 14, VM_EEXIST = 17, VM_EINVAL = 22 };

/* The owner of the registry's own pool. */
extern const struct vm_owner vm_pool_owner;

static inline struct vm_area *vm_area_of(const struct rb_node *node)
{
	return (struct vm_area *)((uintptr_t)node - offsetof(struct vm_area, rb));
}

static inline uintptr_t vm_page_down(const struct vm *vm, uintptr_t addr)
{
	return addr & ~(uintptr_t)(vm->page - 1);
}

/* 0 for an address within the last page. */
static inline uintptr_t vm_page_up(const struct vm *vm, uintptr_t addr)
{
	return vm_page_down(vm, addr + (vm->page - 1));
}

/* The free bytes right below a: the correct value of a->gap. */
uintptr_t vm_gap_below(const struct vm *vm, const struct vm_area *a);

/* The correct value of a->max_gap, from a's own gap and its children's max_gap. */
uintptr_t vm_max_gap(const struct vm_area *a);

/* Whether a and its successor b have to be one area. */
bool vm_alike(const struct vm_area *a, const struct vm_area *b);

/* Makes sure that there are n unused nodes, mapping more memory for the pool if necessary, but not
 * within [start, end), which the caller is about to map over, to unmap or to record, unmapped parts
 * included.  Returns 0 or a negative errno. */
int vm_ensure(struct vm *vm, size_t n, uintptr_t start, uintptr_t end);

/* Sets what->prot.  As in the kernel, private memory is accounted once it has been made writable,
 * unless it is VM_NORESERVE; VM_RESERVED or VM_GUARD turns into VM_ANON when it becomes
 * accessible. */
void vm_set_prot(struct vm_what *what, unsigned prot);

/* A copy of *what fit to be stored in an area: without the flags of a call and the fields of other
 * kinds. */
struct vm_what vm_stored(const struct vm_what *what);

/* The area that contains addr, or NULL, by a valid table. */
struct vm_area *vm_table_find(const struct vm_table *t, uintptr_t addr);

/* Removes [start, end) from the registry; returns the area that follows, or NULL.  Uses at most one
 * node of the pool. */
struct vm_area *vm_carve(struct vm *vm, uintptr_t start, uintptr_t end);

/* Records [start, end) as *what, replacing what was recorded there.  Uses at most two nodes. */
void vm_record(struct vm *vm, uintptr_t start, uintptr_t end, const struct vm_what *what);

/* Splits a at `at`, which is inside it; a keeps the lower part.  Uses one node. */
void vm_split(struct vm *vm, struct vm_area *a, uintptr_t at);

/* Merges a with its successor if they are alike; returns whether they were. */
bool vm_join(struct vm *vm, struct vm_area *a);

#endif

/* record.h: the inside of the registry, for vm/ alone.
 *
 * What the public calls are made of: the pool of nodes, the one insert and the one remove that keep
 * list, tree, gaps and cache together, and the overlap cases.  Nothing here calls the kernel but
 * vm_ensure(), so a public call does: vm_ensure(), then the system call, then what cannot fail.
 */
#ifndef VM_RECORD_H
#define VM_RECORD_H

#include "vm/area.h"

/* Linux's error numbers, for there is no libc here; they are the same on all machines. */
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

/* 0 when there is no such page: the address is in the last one. */
static inline uintptr_t vm_page_up(const struct vm *vm, uintptr_t addr)
{
	return vm_page_down(vm, addr + (vm->page - 1));
}

/* The free bytes below a, as a->gap has to be. */
uintptr_t vm_gap_below(const struct vm *vm, const struct vm_area *a);

/* What a->max_gap has to be by a's own gap and its children's. */
uintptr_t vm_max_gap(const struct vm_area *a);

/* Whether a and its successor b are to be one area. */
bool vm_alike(const struct vm_area *a, const struct vm_area *b);

/* Makes sure of n unused nodes, mapping more memory for the pool if it must: not in [start, end),
 * which the caller is about to map over, to unmap or to record, holes and all. */
int vm_ensure(struct vm *vm, size_t n, uintptr_t start, uintptr_t end);

/* Gives what another protection.  As in the kernel, private memory is accounted when it is first
 * made writable and stays so, unless it is VM_NORESERVE; what is accessible is no longer reserved.
 */
void vm_set_prot(struct vm_what *what, unsigned prot);

/* what as an area may store it: without what belongs to a call or to another kind. */
struct vm_what vm_stored(const struct vm_what *what);

/* In a valid table. */
struct vm_area *vm_table_find(const struct vm_table *t, uintptr_t addr);

/* Forgets [start, end); the area that follows comes back, or NULL.  Takes a node at most. */
struct vm_area *vm_carve(struct vm *vm, uintptr_t start, uintptr_t end);

/* Records [start, end) as what, over whatever was recorded there.  Takes two nodes at most. */
void vm_record(struct vm *vm, uintptr_t start, uintptr_t end, const struct vm_what *what);

/* Cuts a in two at `at`, which is inside it.  Takes a node; a keeps the lower part. */
void vm_split(struct vm *vm, struct vm_area *a, uintptr_t at);

/* Merges a with its successor if they are alike. */
bool vm_join(struct vm *vm, struct vm_area *a);

/* Moves a bound of a within the free space around it. */
void vm_move_start(struct vm *vm, struct vm_area *a, uintptr_t start);
void vm_move_end(struct vm *vm, struct vm_area *a, uintptr_t end);

#endif

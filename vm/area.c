/* area.c: the registry's calls: map, reserve, unmap, protect.
 *
 * Each call has three steps: reserve the nodes that the worst case of splits needs, call the
 * backend, record the result.  Only the first two can fail, and then nothing has been recorded.
 * Addresses that the registry does not know may still be in use, because a program maps memory
 * without the loader; so nothing here maps over an address that the caller did not name with
 * VM_FIXED.
 */
#include "vm/journal.h"

/* Rounds len up to pages and checks that [at, at + len) is a range of whole pages. */
static int check_range(const struct vm *vm, uintptr_t at, size_t *len)
{
	size_t pages = vm_page_up(vm, *len);

	if (!pages || vm_page_down(vm, at) != at)
		return -VM_EINVAL;
	if (at + pages < at)
		return -VM_ENOMEM;
	*len = pages;
	return 0;
}

int vm_adopt(struct vm *vm, uintptr_t start, uintptr_t end, const struct vm_what *what)
{
	struct vm_what stored = vm_stored(what);
	size_t len = end - start;
	int err;

	if (end < start || vm_page_down(vm, end) != end)
		return -VM_EINVAL;
	err = check_range(vm, start, &len);
	if (!err)
		err = vm_ensure(vm, 2, start, end);
	if (!err)
		vm_record(vm, start, end, &stored);
	return err;
}

/* Unmaps `got`, the result of a mapping with VM_VACANT, if it is not `at`: a kernel that does not
 * know MAP_FIXED_NOREPLACE chooses another address if `at` is taken.  Returns 0 or -EEXIST. */
static int require_address(struct vm *vm, uintptr_t at, uintptr_t got, size_t len)
{
	if (got == at)
		return 0;
	vm->backend->unmap(vm->ctx, got, len);
	return -VM_EEXIST;
}

int vm_map(
	struct vm *vm, uintptr_t at, size_t len, const struct vm_what *what, int fd, uintptr_t *out)
{
	struct vm_what stored = vm_stored(what);
	bool file = what->kind == VM_FILE;
	uintptr_t got;
	int err;

	if (!(what->flags & (VM_FIXED | VM_VACANT)))
		at = vm_page_down(vm, at);
	err = check_range(vm, at, &len);
	if (!err)
		err = vm_ensure(vm, 2, at, at + len);
	if (!err)
		err = vm->backend->map(vm->ctx, at, len, what->prot,
			what->flags &
				(VM_FIXED | VM_VACANT | VM_SHARED | VM_NORESERVE | VM_POPULATE),
			file ? fd : -1, file ? what->offset : 0, &got);
	if (!err && what->flags & VM_VACANT)
		err = require_address(vm, at, got, len);
	if (err)
		return err;
	vm_record(vm, got, got + len, &stored);
	if (out)
		*out = got;
	return 0;
}

/* Maps len inaccessible bytes at a multiple of align: at the hint if that is free and aligned, else
 * by mapping more than is needed and unmapping both ends. */
static int map_aligned(
	struct vm *vm, uintptr_t hint, size_t len, size_t align, unsigned flags, uintptr_t *out)
{
	const struct vm_backend *backend = vm->backend;
	size_t more = len + (align - vm->page);
	uintptr_t got, at;
	int err;

	if (hint || align == vm->page) {
		err = backend->map(vm->ctx, hint, len, 0, flags, -1, 0, out);
		if (err || !(*out & (align - 1)))
			return err;
		err = backend->unmap(vm->ctx, *out, len);
		if (err)
			return err;
	}
	if (more < len)
		return -VM_ENOMEM;
	err = backend->map(vm->ctx, 0, more, 0, flags, -1, 0, &got);
	if (err)
		return err;
	at = (got + (align - 1)) & ~(uintptr_t)(align - 1);
	if (at > got)
		err = backend->unmap(vm->ctx, got, at - got);
	if (!err && got + more > at + len)
		err = backend->unmap(vm->ctx, at + len, got + more - (at + len));
	if (err)
		backend->unmap(vm->ctx, got, more);
	*out = at;
	return err;
}

/* Maps len inaccessible bytes at `at`, or fails with -EEXIST: the program may have mapped something
 * there that the registry does not know. */
static int map_vacant(struct vm *vm, uintptr_t at, size_t len, unsigned flags, uintptr_t *got)
{
	int err = vm->backend->map(vm->ctx, at, len, 0, flags | VM_VACANT, -1, 0, got);

	return err ? err : require_address(vm, at, *got, len);
}

int vm_reserve(struct vm *vm, uintptr_t at, size_t len, size_t align, unsigned flags,
	const struct vm_owner *owner, uintptr_t *out)
{
	struct vm_what what = {
		.kind = VM_RESERVED,
		.flags = flags & VM_NORESERVE,
		.owner = owner,
	};
	bool fixed = flags & VM_FIXED;
	const struct vm_area *a;
	uintptr_t got;
	int err;

	if (align < vm->page || (align & (align - 1)))
		return -VM_EINVAL;
	if (!fixed)
		at = vm_page_down(vm, at);
	err = check_range(vm, at, &len);
	if (err)
		return err;
	if (fixed && (at & (align - 1)))
		return -VM_EINVAL;
	a = fixed ? vm_first_above(vm, at) : NULL;
	if (a && a->start < at + len)
		return -VM_EEXIST;
	err = vm_ensure(vm, 2, at, at + len);
	if (!err && fixed)
		err = map_vacant(vm, at, len, what.flags, &got);
	else if (!err)
		err = map_aligned(vm, at, len, align, what.flags, &got);
	if (err)
		return err;
	vm_record(vm, got, got + len, &what);
	if (out)
		*out = got;
	return 0;
}

int vm_unmap(struct vm *vm, uintptr_t at, size_t len)
{
	int err = check_range(vm, at, &len);

	if (!err)
		err = vm_ensure(vm, 1, at, at + len);
	if (!err)
		err = vm->backend->unmap(vm->ctx, at, len);
	if (!err)
		vm_carve(vm, at, at + len);
	return err;
}

void vm_disown(struct vm *vm, uintptr_t at, size_t len)
{
	struct vm_area *a, *next;

	for (a = vm_first_above(vm, at); a && a->start < at + len; a = next) {
		next = a->next;
		a->what.owner = NULL;
		if (a->prev)
			vm_join(vm, a->prev);
	}
	if (a && a->prev)
		vm_join(vm, a->prev);
}

/* The first area of [start, end) if all of the range is mapped, else NULL. */
static struct vm_area *first_of_mapped(const struct vm *vm, uintptr_t start, uintptr_t end)
{
	struct vm_area *first = vm_lookup(vm, start), *a = first;

	while (a && a->end < end)
		a = a->next && a->next->start == a->end ? a->next : NULL;
	return a ? first : NULL;
}

/* Restores the protection of [start, end): where mprotect fails it has already changed what lies
 * below. */
static void undo_protect(struct vm *vm, const struct vm_area *a, uintptr_t start, uintptr_t end)
{
	for (; a && a->start < end; a = a->next) {
		uintptr_t from = a->start > start ? a->start : start;
		uintptr_t to = a->end < end ? a->end : end;
		vm->backend->protect(vm->ctx, from, to - from, a->what.prot);
	}
}

int vm_protect(struct vm *vm, uintptr_t at, size_t len, unsigned prot)
{
	uintptr_t end;
	struct vm_area *a;
	int err = check_range(vm, at, &len);

	if (!err)
		err = vm_ensure(vm, 2, at, at + len);
	if (err)
		return err;
	end = at + len;
	a = first_of_mapped(vm, at, end);
	if (!a)
		return -VM_ENOMEM;
	err = vm->backend->protect(vm->ctx, at, len, prot);
	if (err) {
		undo_protect(vm, a, at, end);
		return err;
	}
	if (a->start < at) {
		vm_split(vm, a, at);
		a = a->next;
	}
	for (; a && a->start < end; a = a->next) {
		if (a->end > end)
			vm_split(vm, a, end);
		vm_set_prot(&a->what, prot);
	}
	for (a = vm_first_above(vm, at ? at - 1 : 0); a && a->start < end;) {
		if (!vm_join(vm, a))
			a = a->next;
	}
	return 0;
}

/* An inherited area's anon_vma is linked to the parent's, and the kernel does not merge such an
 * area with a new one.  An area that was never written to has no anon_vma; the registry cannot know
 * that, and assumes that it was written to. */
void vm_forked(struct vm *vm)
{
	for (struct vm_area *a = vm->first; a; a = a->next)
		if (a->what.flags & VM_ACCOUNTED)
			a->what.flags |= VM_INHERITED;
}

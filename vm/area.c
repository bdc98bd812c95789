/* area.c: the registry's calls: map, reserve, unmap, protect, and what the kernel does by itself.
 *
 * Each goes in three steps: make sure of the nodes that the worst case of splits needs, ask the
 * backend, record.  Only the first two can fail, and then nothing has been recorded.  Addresses
 * that the registry does not know may still be in use, for a program maps memory without asking
 * the loader; so nothing here maps over an address that the caller did not name with VM_FIXED.
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

/* What was asked for with VM_VACANT lies where the backend found room: elsewhere if at is taken. */
static int must_lie_at(struct vm *vm, uintptr_t at, uintptr_t got, size_t len)
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
		err = must_lie_at(vm, at, got, len);
	if (err)
		return err;
	vm_record(vm, got, got + len, &stored);
	if (out)
		*out = got;
	return 0;
}

/* Maps len inaccessible bytes at an address that is a multiple of align: at the hint if that is
 * free, else more than is needed, giving the rest back. */
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

/* The process may have something there that the registry does not know of. */
static int map_vacant(struct vm *vm, uintptr_t at, size_t len, unsigned flags, uintptr_t *got)
{
	int err = vm->backend->map(vm->ctx, at, len, 0, flags | VM_VACANT, -1, 0, got);

	return err ? err : must_lie_at(vm, at, *got, len);
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

/* The first area of [start, end) if the range has no hole, else NULL. */
static struct vm_area *first_of_solid(const struct vm *vm, uintptr_t start, uintptr_t end)
{
	struct vm_area *first = vm_lookup(vm, start), *a = first;

	while (a && a->end < end)
		a = a->next && a->next->start == a->end ? a->next : NULL;
	return a ? first : NULL;
}

/* mprotect stops where it fails, with what lies below changed already: puts that back. */
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
	a = first_of_solid(vm, at, end);
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

int vm_grow_stack(struct vm *vm, uintptr_t addr, size_t guard)
{
	struct vm_area *a = vm_first_above(vm, addr);
	uintptr_t start = vm_page_down(vm, addr), below;

	if (!a || a->what.kind != VM_STACK)
		return -VM_EFAULT;
	if (a->start <= start)
		return 0;
	below = a->prev ? a->prev->end : 0;
	/* The kernel keeps the guard gap to what can be accessed, and to another stack none. */
	if (!a->prev || !a->prev->what.prot || a->prev->what.kind == VM_STACK)
		guard = 0;
	if (start < below || start - below < guard)
		return -VM_ENOMEM;
	vm_move_start(vm, a, start);
	if (a->prev)
		vm_join(vm, a->prev);
	return 0;
}

int vm_set_heap(struct vm *vm, uintptr_t start, uintptr_t end)
{
	struct vm_what heap = {
		.kind = VM_HEAP,
		.prot = VM_R | VM_W,
		.flags = VM_ACCOUNTED | VM_FOREIGN,
	};
	uintptr_t old;
	struct vm_area *a;
	int err;

	start = vm_page_up(vm, start);
	end = vm_page_up(vm, end);
	if (end < start)
		return -VM_EINVAL;
	err = vm_ensure(vm, 2, start, end);
	if (err)
		return err;
	old = start;
	for (a = vm_lookup(vm, start); a && a->what.kind == VM_HEAP && a->start <= old; a = a->next)
		old = a->end;
	if (end < old)
		vm_carve(vm, end, old);
	if (end <= old)
		return 0;
	a = vm_first_above(vm, old);
	if (a && a->start < end)
		return -VM_ENOMEM;
	vm_record(vm, old, end, &heap);
	return 0;
}

/* Its pages' anon_vma leads to the parent's as well, and the kernel gives such a one to no other
 * area. What was never written to has none; as nobody knows that here, it counts as written to. */
void vm_forked(struct vm *vm)
{
	for (struct vm_area *a = vm->first; a; a = a->next)
		if (a->what.flags & VM_ACCOUNTED)
			a->what.flags |= VM_INHERITED;
}

int vm_clone(struct vm *dst, const struct vm *src)
{
	int err = vm_ensure(dst, src->count + 2, 0, 0);

	if (err)
		return err;
	for (const struct vm_area *a = src->first; a; a = a->next)
		vm_record(dst, a->start, a->end, &a->what);
	dst->apart = src->apart;
	vm_forked(dst);
	return 0;
}

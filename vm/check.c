/* check.c: consistency check of the registry.
 *
 * vm_check() recomputes everything that the registry keeps: the order of the list, the links both
 * ways, the tree's order and balance, every gap and every subtree's largest, the count, the cache
 * and the pool.  Walks are bounded by the count, so that they end on a damaged registry too.
 */
#include "vm/journal.h"

static const char *check_area(const struct vm *vm, const struct vm_area *a)
{
	uintptr_t mask = vm->page - 1;

	if (a->start >= a->end)
		return "an area ends before it starts";
	if ((a->start | a->end) & mask)
		return "a bound is not a multiple of the page size";
	if (*(a->prev ? &a->prev->next : &vm->first) != a)
		return "the list's links disagree";
	if (a->prev && a->prev->end > a->start)
		return "two areas overlap or are out of order";
	if (a->prev && vm_alike(a->prev, a))
		return "two neighbours are alike and should be one";
	if (a->gap != vm_gap_below(vm, a))
		return "a gap is wrong";
	if (a->max_gap != vm_max_gap(a))
		return "a subtree's largest gap is wrong";
	if (a->what.flags & (VM_FIXED | VM_VACANT | VM_POPULATE))
		return "VM_FIXED, VM_VACANT or VM_POPULATE is stored";
	return NULL;
}

static const char *check_pool(const struct vm *vm)
{
	const struct vm_area *a = vm->free;
	size_t n = vm->nfresh;

	for (; a && n < vm->nfree; a = a->next)
		n++;
	return a || n != vm->nfree ? "the pool's count is wrong" : NULL;
}

static const char *check_table(const struct vm *vm)
{
	size_t n = 0;

	for (const struct vm_area *a = vm->first; a; a = a->next, n++)
		if (n == vm->table.room || vm->table.slots[n].area != a ||
			vm->table.starts[n] != a->start || vm->table.slots[n].end != a->end)
			return "the table is valid and disagrees with the list";
	return NULL;
}

static const char *check(const struct vm *vm)
{
	const struct rb_node *node = rb_end(&vm->tree, 0);
	const struct vm_area *a, *last = NULL;
	bool cached = !vm->cache && !vm->cache_size;
	const char *wrong;
	size_t n = 0;

	for (a = vm->first; a; a = a->next) {
		if (n++ == vm->count)
			return "the list is longer than the count";
		if (node != &a->rb)
			return "the tree's order is not the list's";
		wrong = check_area(vm, a);
		if (wrong)
			return wrong;
		cached |= vm->cache == a && vm->cache_start == a->start &&
			  vm->cache_size == a->end - a->start;
		last = a;
		node = rb_step(node, 1);
	}
	if (n != vm->count || node)
		return "the list is shorter than the count or the tree";
	if (vm->last != last)
		return "the list's last area is not its end";
	if (!cached)
		return "the cache holds an area that was removed or changed";
	if (vm->table.valid && (wrong = check_table(vm)))
		return wrong;
	wrong = rb_check(&vm->tree);
	return wrong ? wrong : check_pool(vm);
}

int vm_check(const struct vm *vm, const char **why)
{
	const char *wrong = check(vm);

	if (why)
		*why = wrong;
	return wrong ? -1 : 0;
}

/* place.c: lookups by address and searches for free space.
 *
 * Each node of the tree holds the number of free bytes right below it and the largest such gap in
 * its subtree, so a search for free space skips subtrees without a large enough gap.  The space
 * above the last area belongs to no node and is examined separately.
 */
#include "vm/journal.h"

struct vm_area *vm_lookup(const struct vm *vm, uintptr_t addr)
{
	const struct rb_node *node = vm->tree.node;

	if (vm->table.valid)
		return vm_table_find(&vm->table, addr);
	while (node) {
		struct vm_area *a = vm_area_of(node);
		if (addr - a->start < a->end - a->start)
			return a;
		node = node->child[addr > a->start];
	}
	return NULL;
}

struct vm_area *vm_first_above(const struct vm *vm, uintptr_t addr)
{
	const struct rb_node *node = vm->tree.node;
	struct vm_area *best = NULL;

	while (node) {
		struct vm_area *a = vm_area_of(node);
		if (addr < a->end)
			best = a;
		node = node->child[addr >= a->end];
	}
	return best;
}

struct vm_area *vm_find(struct vm *vm, uintptr_t addr)
{
	struct vm_area *a;

	if (addr - vm->cache_start < vm->cache_size) {
		vm->hits++;
		return vm->cache;
	}
	vm->misses++;
	vm->table.questions += !vm->table.valid;
	a = vm_lookup(vm, addr);
	if (a) {
		vm->cache = a;
		vm->cache_start = a->start;
		vm->cache_size = a->end - a->start;
	}
	return a;
}

static bool has_room(const struct rb_node *node, size_t len)
{
	return node && vm_area_of(node)->max_gap >= len;
}

/* The first node in direction dir whose gap has len bytes, in a subtree that has one. */
static struct vm_area *first_room(const struct rb_node *node, size_t len, int dir)
{
	for (;;) {
		if (has_room(node->child[!dir], len))
			node = node->child[!dir];
		else if (vm_area_of(node)->gap >= len)
			return vm_area_of(node);
		else
			node = node->child[dir];
	}
}

/* The next node after a in direction dir whose gap has len bytes, or NULL. */
static struct vm_area *next_room(const struct vm_area *a, size_t len, int dir)
{
	const struct rb_node *node = &a->rb, *parent;

	if (has_room(node->child[dir], len))
		return first_room(node->child[dir], len, dir);
	for (; (parent = rb_parent(node)); node = parent) {
		if (parent->child[dir] == node)
			continue;
		if (vm_area_of(parent)->gap >= len)
			return vm_area_of(parent);
		if (has_room(parent->child[dir], len))
			return first_room(parent->child[dir], len, dir);
	}
	return NULL;
}

/* The address of len aligned bytes in that part of the free space [from, to) that is within [low,
 * high); 0 if they don't fit. */
static uintptr_t fit(uintptr_t from, uintptr_t to, uintptr_t low, uintptr_t high, size_t len,
	size_t align, enum vm_direction direction)
{
	uintptr_t at;

	if (from < low)
		from = low;
	if (to > high)
		to = high;
	if (to < from || to - from < len)
		return 0;
	at = direction == VM_TOP_DOWN ? to - len : from + (align - 1);
	at &= ~(uintptr_t)(align - 1);
	return at >= from && at <= to - len ? at : 0;
}

/* Takes O(log n), and again for each gap that is large enough but unusable: too short once aligned,
 * or crossing low or high. */
uintptr_t vm_find_gap(const struct vm *vm, size_t len, size_t align, uintptr_t low, uintptr_t high,
	enum vm_direction direction)
{
	bool topdown = direction == VM_TOP_DOWN;
	const struct vm_area *a;
	uintptr_t at = 0, above;

	if (low < vm->low)
		low = vm->low;
	if (high > vm->high)
		high = vm->high;
	if (low < vm->page)
		low = vm->page; /* the result 0 means none */
	if (!len || low >= high)
		return 0;
	above = vm->last ? vm->last->end : 0;
	if (topdown)
		at = fit(above, high, low, high, len, align, direction);
	a = vm_first_above(vm, topdown ? high - 1 : low);
	if (!a && topdown)
		a = vm->last;
	for (; a && !at; a = next_room(a, len, !topdown)) {
		if (topdown ? a->start <= low : a->start - a->gap >= high)
			break;
		at = fit(a->start - a->gap, a->start, low, high, len, align, direction);
	}
	if (!at && !topdown)
		at = fit(above, high, low, high, len, align, direction);
	return at;
}

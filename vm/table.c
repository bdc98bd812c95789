/* table.c: the areas' starts in one dense array, for many lookups without a change in between.
 *
 * A walk down the tree waits for memory at each level.  Here three independent loads determine two
 * bits of the position at a time, and no node of the tree is touched:
 *
 *	starts    0x1000  0x5000  0x9000  ...  max  max
 *	slots     a, end  b, end  c, end
 *
 * The size of both arrays is a power of four, and at least one slot is unused (max).
 *
 * Every change of the registry invalidates the table.  vm_make_table() makes it again when more
 * addresses have been looked up since than there are areas, so that making it never costs more than
 * it saves.
 */
#include "vm/journal.h"

/* The least number of areas for which a table is worth its memory. */
enum { LEAST = 100 };

static size_t bytes_of(size_t room)
{
	return room * (sizeof(uintptr_t) + sizeof(struct vm_table_slot));
}

struct vm_area *vm_table_find(const struct vm_table *t, uintptr_t addr)
{
	const uintptr_t *at = t->starts;
	const struct vm_table_slot *slot;

	for (size_t step = t->room / 4; step; step /= 4) {
		size_t below = at[step - 1] <= addr;

		below += at[2 * step - 1] <= addr;
		below += at[3 * step - 1] <= addr;
		at += below * step;
	}
	if (at == t->starts)
		return NULL;
	slot = &t->slots[at - t->starts - 1];
	return addr < slot->end ? slot->area : NULL;
}

bool vm_table_due(const struct vm *vm)
{
	return !vm->table.valid && vm->count >= LEAST && vm->table.questions > vm->count;
}

/* Makes room for more than n areas: a power of four, since the search quarters the range. */
static int make_room(
	struct vm_table *t, size_t n, void *(*alloc)(void *ctx, size_t bytes), void *ctx)
{
	size_t room = 256;
	void *memory;

	while (room <= n)
		room *= 4;
	if (room <= t->room)
		return 0;
	memory = alloc(ctx, bytes_of(room));
	if (!memory)
		return -VM_ENOMEM;
	t->room = room;
	t->starts = memory;
	t->slots = (struct vm_table_slot *)(t->starts + room);
	return 0;
}

int vm_make_table(struct vm *vm, void *(*alloc)(void *ctx, size_t bytes), void *ctx)
{
	struct vm_table *t = &vm->table;
	int err = make_room(t, vm->count, alloc, ctx);
	size_t n = 0;

	t->questions = 0;
	if (err)
		return err;
	for (struct vm_area *a = vm->first; a; a = a->next, n++) {
		t->starts[n] = a->start;
		t->slots[n] = (struct vm_table_slot){a->end, a};
	}
	for (; n < t->room; n++)
		t->starts[n] = UINTPTR_MAX;
	t->valid = true;
	return 0;
}

/* index.c: two copies of a sorted array, a version that selects the current one, binary search.
 *
 * Entries are sorted by descending address, the order in which the kernel assigns addresses: a
 * library that is loaded later is mostly appended, which moves few entries.  All slots behind the
 * entries are zero; there is at least one.  A reader that is overtaken by an update reads a copy
 * that the writer is changing, so what it reads may be inconsistent; but the length of a search
 * depends on the size of the copy only, which never changes.
 *
 * Everything that both sides use is read and written by atomic operations, with relaxed order
 * except where a comment below explains another.
 */
#include "vm/index.h"

#include "vm/journal.h"

struct vm_index_copy {
	size_t room;  /* slots, a power of two; never changes */
	size_t count; /* entries; the writer's */
	struct vm_index_entry *entries;
	/* A dense copy of the entries' starts, which a search reads.  Aligned so that none of the
	 * entries, which follow it, crosses a cache line. */
	_Alignas(4 * sizeof(uintptr_t)) uintptr_t starts[];
};

enum { LEAST_ROOM = 4 };

#define load(p)     __atomic_load_n(p, __ATOMIC_RELAXED)
#define store(p, v) __atomic_store_n(p, v, __ATOMIC_RELAXED)

/* ---- Readers ---- */

/* The first slot whose start is not above addr.  Each step quarters the range: three independent
 * loads determine two bits of the slot.  No branch depends on an address, since it could not be
 * predicted. */
static inline size_t search(const struct vm_index_copy *c, uintptr_t addr)
{
	const uintptr_t *at = c->starts;
	size_t step = load(&c->room);

	while (step >= 4) {
		size_t above;

		step /= 4;
		above = load(&at[step - 1]) > addr;
		above += load(&at[2 * step - 1]) > addr;
		above += load(&at[3 * step - 1]) > addr;
		at += above * step;
	}
	if (step == 2)
		at += load(&at[0]) > addr;
	return (size_t)(at - c->starts);
}

/* Copies the entry in slot if its range holds addr. */
static inline bool read_slot(
	const struct vm_index_copy *c, size_t slot, uintptr_t addr, struct vm_index_entry *out)
{
	const struct vm_index_entry *e = load(&c->entries) + slot;
	uintptr_t start = load(&e->start), end = load(&e->end);

	if (addr < start || addr >= end)
		return false;
	out->start = start;
	out->end = end;
	out->what = load(&e->what);
	out->more = load(&e->more);
	return true;
}

static inline bool find_in(
	const struct vm_index_copy *c, uintptr_t addr, size_t *hint, struct vm_index_entry *out)
{
	size_t guess = hint ? load(hint) : SIZE_MAX, slot;

	if (guess < load(&c->room) && read_slot(c, guess, addr, out))
		return true;
	slot = search(c, addr);
	if (!read_slot(c, slot, addr, out))
		return false;
	if (hint)
		store(hint, slot);
	return true;
}

/* The version is read before and after the search.  The first load acquires, so the copy is at
 * least as new as that version.  The fence orders the loads from the copy before the second load of
 * the version: if one of them saw what the writer stored for a later version, the second load sees
 * that the version has changed. */
bool vm_index_find(
	const struct vm_index *ix, uintptr_t addr, size_t *hint, struct vm_index_entry *out)
{
	uintptr_t version = __atomic_load_n(&ix->version, __ATOMIC_ACQUIRE), before;
	bool found;

	do {
		const struct vm_index_copy *c =
			__atomic_load_n(&ix->copies[version % 2], __ATOMIC_ACQUIRE);

		if (!c)
			return false;
		found = find_in(c, addr, hint, out);
		__atomic_thread_fence(__ATOMIC_ACQUIRE);
		before = version;
		version = __atomic_load_n(&ix->version, __ATOMIC_ACQUIRE);
	} while (version != before);
	return found;
}

/* ---- The writer ---- */

static struct vm_index_copy *current(const struct vm_index *ix)
{
	return ix->copies[ix->version % 2];
}

static struct vm_index_copy *spare(const struct vm_index *ix)
{
	return ix->copies[(ix->version + 1) % 2];
}

static void put(struct vm_index_copy *c, size_t slot, const struct vm_index_entry *e)
{
	store(&c->starts[slot], e->start);
	store(&c->entries[slot].start, e->start);
	store(&c->entries[slot].end, e->end);
	store(&c->entries[slot].what, e->what);
	store(&c->entries[slot].more, e->more);
}

/* Makes the spare copy the current one.  A reader that sees the new version sees the copy, too. */
static void publish(struct vm_index *ix)
{
	__atomic_store_n(&ix->version, ix->version + 1, __ATOMIC_RELEASE);
}

/* Makes the spare copy equal to the current one except that `added` is inserted at slot or, if
 * NULL, the entry at slot is left out; then publishes it.  The spare copy is one update behind, and
 * only what differs is written.  The fence orders these stores after the publication that made the
 * copy spare: see vm_index_find().
 *
 * The writer may stop anywhere and never continue (in the child, when another thread forks): what
 * it has changed in the spare copy lies between `same` and one slot beyond the current entries, and
 * the next update writes all of that again. */
static void update(struct vm_index *ix, size_t slot, const struct vm_index_entry *added)
{
	const struct vm_index_copy *now = current(ix);
	struct vm_index_copy *next = spare(ix);
	size_t i = slot < ix->same ? slot : ix->same;

	ix->same = i;
	__atomic_thread_fence(__ATOMIC_RELEASE);
	for (; i < slot; i++)
		put(next, i, &now->entries[i]);
	if (added)
		put(next, i++, added);
	for (size_t from = slot + !added; i <= now->count && from < now->room; i++, from++)
		put(next, i, &now->entries[from]);
	next->count = now->count + (added ? 1 : -(size_t)1);
	publish(ix);
	ix->same = slot;
}

/* Makes an empty copy: the first or the second (which: 0 or 1) in zeroed memory of
 * VM_INDEX_BYTES(room). */
static struct vm_index_copy *make_copy(char *memory, size_t room, int which)
{
	struct vm_index_copy *c = (void *)(memory + which * (VM_INDEX_BYTES(room) / 2));

	store(&c->room, room);
	store(&c->entries, (struct vm_index_entry *)(c->starts + room));
	return c;
}

/* Replaces both copies by larger ones with the same entries, one after the other, so that there is
 * always a current one.  The old copies are kept: a reader may still be using them. */
static int grow(struct vm_index *ix)
{
	const struct vm_index_copy *now = current(ix);
	size_t room = now ? 2 * now->room : LEAST_ROOM;
	char *memory = ix->alloc(ix->ctx, VM_INDEX_BYTES(room));

	if (!memory)
		return -VM_ENOMEM;
	ix->same = 0;
	for (int which = 0; which < 2; which++) {
		struct vm_index_copy *c = make_copy(memory, room, which);

		for (; now && c->count < now->count; c->count++)
			put(c, c->count, &now->entries[c->count]);
		__atomic_store_n(&ix->copies[(ix->version + 1) % 2], c, __ATOMIC_RELEASE);
		publish(ix);
	}
	ix->same = room;
	return 0;
}

void vm_index_init(struct vm_index *ix, void *first, size_t bytes,
	void *(*alloc)(void *ctx, size_t bytes), void *ctx)
{
	size_t room = LEAST_ROOM;

	*ix = (struct vm_index){.alloc = alloc, .ctx = ctx};
	if (bytes < VM_INDEX_BYTES(room))
		return;
	while (VM_INDEX_BYTES(2 * room) <= bytes)
		room *= 2;
	for (int which = 0; which < 2; which++)
		ix->copies[which] = make_copy(first, room, which);
}

/* Two slots are needed beyond the present entries: one for the new entry, one of zeros. */
static bool is_full(const struct vm_index *ix)
{
	const struct vm_index_copy *now = current(ix), *next = spare(ix);

	return !now || now->count + 2 > now->room || now->count + 2 > next->room;
}

int vm_index_add(struct vm_index *ix, const struct vm_index_entry *entry)
{
	const struct vm_index_copy *now;
	size_t slot;
	int err = entry->start && entry->start < entry->end ? 0 : -VM_EINVAL;

	if (!err && is_full(ix))
		err = grow(ix);
	if (err)
		return err;
	now = current(ix);
	slot = search(now, entry->start);
	if (now->entries[slot].end > entry->start || (slot && now->starts[slot - 1] < entry->end))
		return -VM_EEXIST;
	update(ix, slot, entry);
	return 0;
}

bool vm_index_remove(struct vm_index *ix, uintptr_t start)
{
	const struct vm_index_copy *now = current(ix);
	size_t slot = now ? search(now, start) : 0;

	if (!now || !start || now->entries[slot].start != start)
		return false;
	update(ix, slot, NULL);
	return true;
}

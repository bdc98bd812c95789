/* journal.c: the registry's data: nodes, the three views of them, and the overlap cases.
 *
 * Only insert() and remove() change list and tree, and every change of a bound recomputes the gaps
 * on both sides of it, so that the views stay consistent.  Nodes come from a pool that is used
 * front to back, so that no page of it is touched before it is needed.
 */
#include "vm/journal.h"

/* The least that the pool grows by. */
enum { POOL_CHUNK = 64 * 1024 };

const struct vm_owner vm_pool_owner = {.name = "vm"};

/* The file offset of `at`, an address in or at the end of a; 0 for what is no file. */
static uint64_t offset_at(const struct vm_area *a, uintptr_t at)
{
	return a->what.kind == VM_FILE ? a->what.offset + (at - a->start) : 0;
}

/* ---- gaps ---- */

uintptr_t vm_gap_below(const struct vm *vm, const struct vm_area *a)
{
	uintptr_t below = a->prev && a->prev->end > vm->low ? a->prev->end : vm->low;

	return a->start > below ? a->start - below : 0;
}

uintptr_t vm_max_gap(const struct vm_area *a)
{
	uintptr_t max = a->gap;

	for (int dir = 0; dir < 2; dir++) {
		const struct rb_node *child = a->rb.child[dir];
		if (child && vm_area_of(child)->max_gap > max)
			max = vm_area_of(child)->max_gap;
	}
	return max;
}

static void update_max_gap(struct rb_node *node)
{
	struct vm_area *a = vm_area_of(node);

	a->max_gap = vm_max_gap(a);
}

/* Recomputes a's gap after a change below a.  NULL stands for the space above the last area, which
 * no node counts. */
static void update_gap(struct vm *vm, struct vm_area *a)
{
	if (!a)
		return;
	a->gap = vm_gap_below(vm, a);
	rb_propagate(&vm->tree, &a->rb);
}

/* ---- the pool ---- */

static struct vm_area *take_node(struct vm *vm)
{
	struct vm_area *a = vm->free;

	vm->nfree--;
	if (a) {
		vm->free = a->next;
		return a;
	}
	vm->nfresh--;
	return vm->fresh++;
}

static void give_node(struct vm *vm, struct vm_area *a)
{
	a->next = vm->free;
	vm->free = a;
	vm->nfree++;
}

static void add_pool(struct vm *vm, uintptr_t at, size_t bytes)
{
	size_t skip = -at & (_Alignof(struct vm_area) - 1);

	for (; vm->nfresh; vm->nfresh--, vm->nfree--)
		give_node(vm, vm->fresh++);
	if (bytes < skip)
		return;
	vm->fresh = (struct vm_area *)(at + skip);
	vm->nfresh = (bytes - skip) / sizeof *vm->fresh;
	vm->nfree += vm->nfresh;
}

/* Maps len bytes outside [start, end): a first mapping that overlaps the range is kept until a
 * second one is made, so that the backend has to choose another place. */
static int map_outside(struct vm *vm, size_t len, uintptr_t start, uintptr_t end, uintptr_t *out)
{
	const struct vm_backend *backend = vm->backend;
	uintptr_t held;
	int err = backend->map(vm->ctx, 0, len, VM_R | VM_W, 0, -1, 0, out);

	if (err || *out >= end || *out + len <= start)
		return err;
	held = *out;
	err = backend->map(vm->ctx, 0, len, VM_R | VM_W, 0, -1, 0, out);
	backend->unmap(vm->ctx, held, len);
	if (!err && (*out<end && * out + len> start)) {
		backend->unmap(vm->ctx, *out, len);
		err = -VM_ENOMEM;
	}
	return err;
}

int vm_ensure(struct vm *vm, size_t n, uintptr_t start, uintptr_t end)
{
	static const struct vm_what pool = {
		.kind = VM_ANON,
		.prot = VM_R | VM_W,
		.flags = VM_ACCOUNTED,
		.owner = &vm_pool_owner,
	};
	size_t len = (n + 2) * sizeof(struct vm_area); /* two for the record of the chunk itself */
	uintptr_t at;
	int err;

	if (vm->nfree >= n)
		return 0;
	len = vm_page_up(vm, len < POOL_CHUNK ? POOL_CHUNK : len);
	err = map_outside(vm, len, start, end, &at);
	if (err)
		return err;
	add_pool(vm, at, len);
	vm_record(vm, at, at + len, &pool);
	return 0;
}

void vm_init(struct vm *vm, const struct vm_backend *backend, void *ctx, void *pool, size_t bytes,
	uintptr_t low, uintptr_t high, size_t page)
{
	*vm = (struct vm){
		.tree.update = update_max_gap,
		.low = low,
		.high = high,
		.page = page,
		.backend = backend,
		.ctx = ctx,
	};
	add_pool(vm, (uintptr_t)pool, bytes);
}

/* ---- one insert, one remove ---- */

/* Drops the table, and the cache if it holds a: a is inserted, removed or gets other bounds. */
static void invalidate(struct vm *vm, const struct vm_area *a)
{
	vm->table.valid = false;
	vm->table.questions = 0;
	if (vm->cache == a) {
		vm->cache = NULL;
		vm->cache_size = 0;
	}
}

/* Inserts a, whose bounds lie in the free space below next (NULL: above all areas), into list and
 * tree.  Of two neighbours in order, one has no child on the side of the other: that is a's
 * place. */
static void insert(struct vm *vm, struct vm_area *a, struct vm_area *next)
{
	struct vm_area *prev = next ? next->prev : vm->last;

	invalidate(vm, a);
	a->prev = prev;
	a->next = next;
	*(prev ? &prev->next : &vm->first) = a;
	*(next ? &next->prev : &vm->last) = a;
	a->gap = vm_gap_below(vm, a);
	if (prev && !prev->rb.child[1])
		rb_insert(&vm->tree, &a->rb, &prev->rb, 1);
	else
		rb_insert(&vm->tree, &a->rb, next ? &next->rb : NULL, 0);
	vm->count++;
	update_gap(vm, next);
}

static void remove(struct vm *vm, struct vm_area *a)
{
	invalidate(vm, a);
	*(a->prev ? &a->prev->next : &vm->first) = a->next;
	*(a->next ? &a->next->prev : &vm->last) = a->prev;
	rb_erase(&vm->tree, &a->rb);
	vm->count--;
	update_gap(vm, a->next);
	give_node(vm, a);
}

/* Moves a bound of a within the free space around it. */
static void move_start(struct vm *vm, struct vm_area *a, uintptr_t start)
{
	invalidate(vm, a);
	a->what.offset = offset_at(a, start);
	a->start = start;
	update_gap(vm, a);
}

static void move_end(struct vm *vm, struct vm_area *a, uintptr_t end)
{
	invalidate(vm, a);
	a->end = end;
	update_gap(vm, a->next);
}

/* ---- split and merge ---- */

void vm_split(struct vm *vm, struct vm_area *a, uintptr_t at)
{
	struct vm_area *upper = take_node(vm);

	upper->start = at;
	upper->end = a->end;
	upper->what = a->what;
	upper->what.offset = offset_at(a, at);
	invalidate(vm, a);
	a->end = at;
	insert(vm, upper, a->next);
}

/* The kernel merges (vma_merge in mm/) neighbours with the same file, or none, whose offsets
 * continue, and with the same flags: protection, shared, grows down, VM_ACCOUNT, VM_NORESERVE.
 * Special mappings (vDSO, vvar) never merge.  Kinds of zero pages are the registry's own
 * distinction; the brk heap joins the .bss below it.
 *
 * The registry cannot see three of the kernel's criteria.  "The same file" is the same open file,
 * not the same inode: the segments of one owner come from one open, those of others do not join.
 * Two areas that were written to while they were separate may have different anon_vmas: mapping the
 * hole between them makes two lines, not one.  Areas that only the loader maps avoid this (a new
 * area has no anon_vma and joins), but a program may call dlclose and dlopen in between.  And
 * anonymous memory that becomes read-only without having been written to loses VM_ACCOUNT on newer
 * kernels; the loader writes to what it seals.  vm_refresh() learns of all three by their effect:
 * it gives different numbers (`apart`) to neighbours that the kernel shows in two lines although
 * they look alike; 0, as a missing anon_vma, joins any number.  The effect of a fork on anon_vmas
 * is modelled by vm_forked(). */
bool vm_joins(const struct vm_area *a, const struct vm_area *b)
{
	const struct vm_what *x = &a->what, *y = &b->what;

	if (a->end != b->start || x->prot != y->prot || ((x->flags ^ y->flags) & ~VM_FOREIGN))
		return false;
	if (x->apart && y->apart && x->apart != y->apart)
		return false;
	if (x->kind == VM_VDSO || x->kind == VM_VVAR || y->kind == VM_VDSO || y->kind == VM_VVAR)
		return false;
	if ((x->kind == VM_STACK) != (y->kind == VM_STACK))
		return false;
	if (x->kind != VM_FILE && y->kind != VM_FILE)
		return true;
	return x->kind == y->kind && x->dev == y->dev && x->ino == y->ino && x->owner == y->owner &&
	       offset_at(a, a->end) == y->offset;
}

void vm_keep_apart(struct vm *vm, uintptr_t at)
{
	struct vm_area *b = vm_lookup(vm, at), *a = b ? b->prev : NULL;

	if (!a || b->start != at || !vm_joins(a, b))
		return;
	if (!a->what.apart)
		a->what.apart = ++vm->apart;
	b->what.apart = ++vm->apart;
}

bool vm_alike(const struct vm_area *a, const struct vm_area *b)
{
	return a->what.kind == b->what.kind && a->what.owner == b->what.owner &&
	       a->what.flags == b->what.flags && vm_joins(a, b);
}

bool vm_join(struct vm *vm, struct vm_area *a)
{
	struct vm_area *b = a->next;
	uintptr_t end;

	if (!b || !vm_alike(a, b))
		return false;
	end = b->end;
	if (!a->what.apart)
		a->what.apart = b->what.apart;
	remove(vm, b);
	move_end(vm, a, end);
	return true;
}

/* ---- the overlap cases ---- */

void vm_set_prot(struct vm_what *what, unsigned prot)
{
	what->prot = prot;
	if ((prot & VM_W) && !(what->flags & (VM_SHARED | VM_NORESERVE)))
		what->flags |= VM_ACCOUNTED;
	if (prot && (what->kind == VM_RESERVED || what->kind == VM_GUARD))
		what->kind = VM_ANON;
}

struct vm_what vm_stored(const struct vm_what *what)
{
	struct vm_what w = *what;

	w.flags &= ~(unsigned)(VM_FIXED | VM_VACANT | VM_POPULATE);
	w.apart = 0;
	if (w.kind != VM_FILE)
		w.offset = w.dev = w.ino = 0;
	vm_set_prot(&w, w.prot);
	return w;
}

/* Areas that cross the bounds of the range are cut, those inside are removed:
 *
 *        start      end
 *          |         |
 *   aaaaaaa|aaa      |            the last pages of an older area
 *          |      aaa|aaaaaaa     its first pages
 *   aaaaaaa|aaaaaaaaa|aaaaaaa     its middle: the upper rest becomes an area of its own
 *          |   aaa   |            all of it
 */
struct vm_area *vm_carve(struct vm *vm, uintptr_t start, uintptr_t end)
{
	struct vm_area *a = vm_first_above(vm, start);

	if (a && a->start < start) {
		if (a->end > end)
			vm_split(vm, a, end);
		move_end(vm, a, start);
		a = a->next;
	}
	while (a && a->end <= end) {
		struct vm_area *next = a->next;
		remove(vm, a);
		a = next;
	}
	if (a && a->start < end)
		move_start(vm, a, end);
	return a;
}

void vm_record(struct vm *vm, uintptr_t start, uintptr_t end, const struct vm_what *what)
{
	struct vm_area *next = vm_carve(vm, start, end);
	struct vm_area *a = take_node(vm);

	a->start = start;
	a->end = end;
	a->what = *what;
	insert(vm, a, next);
	if (a->prev && vm_join(vm, a->prev))
		a = next ? next->prev : vm->last;
	vm_join(vm, a);
}

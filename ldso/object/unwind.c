/* unwind.c: the index of _dl_find_object.
 *
 * As in glibc, an object occupies the range from the page in which its first segment begins to the
 * last byte of its last segment, if the loader reserved the gaps between the segments.  Of an
 * object that the kernel mapped the gaps may not be reserved: then each segment is a range of its
 * own.
 */
#include "object/unwind.h"

#include "base/mem.h"
#include "vm/index.h"

/* Global, since unwind_find_object() gets only an address.  The initial memory holds 31 ranges, a
 * few more than a plain C++ program has objects. */
static struct vm_index objects;
static _Alignas(64) char first[VM_INDEX_BYTES(32)];

/* The position of the last result, by page, since unwinders look up the same few addresses again
 * and again.  Threads share the hints, which are written only when they were wrong. */
LAST_IN_BSS size_t unwind_hints[256];

static size_t *hint_for(uintptr_t pc)
{
	uint32_t page = (uint32_t)(pc / ARCH_MIN_PAGE);

	return &unwind_hints[page * 0x9e3779b1u >> 24]; /* 2^32 divided by the golden ratio */
}

int unwind_find_object(const void *pc, struct dl_find_object *result)
{
	struct vm_index_entry e;

	if (!vm_index_find(&objects, (uintptr_t)pc, hint_for((uintptr_t)pc), &e))
		return -1;
	result->dlfo_flags = 0;
	result->dlfo_map_start = (void *)e.start;
	result->dlfo_map_end = (void *)e.end;
	result->dlfo_link_map = e.what;
	result->dlfo_eh_frame = e.more;
	return 0;
}

static void *more_memory(void *ctx, size_t bytes)
{
	struct loader *ld = ctx;

	return heap_alloc(&ld->heap, bytes, sizeof(struct vm_index_entry), 0);
}

/* d's .eh_frame_hdr (LSB 5, "Exception Frames"), or NULL. */
static void *unwind_table(const struct dso *d)
{
	for (size_t i = 0; i < d->phnum; i++) {
		const Elf_Phdr *p = &d->phdr[i];

		if (p->p_type == PT_GNU_EH_FRAME && dso_contains(d, p->p_vaddr, p->p_memsz, PF_R))
			return dso_at(d, p->p_vaddr);
	}
	return NULL;
}

static bool is_load(const Elf_Phdr *p)
{
	return p->p_type == PT_LOAD && p->p_memsz;
}

/* The end of d's last segment, relocated. */
static uintptr_t last_end(const struct dso *d)
{
	uintptr_t last = 0;

	for (size_t i = 0; i < d->phnum; i++) {
		const Elf_Phdr *p = &d->phdr[i];

		if (is_load(p) && p->p_vaddr + p->p_memsz > last)
			last = p->p_vaddr + p->p_memsz;
	}
	return d->base + last;
}

/* Whether all of d's span is registered as d's. */
static bool owns_its_span(const struct loader *ld, const struct dso *d)
{
	const struct vm_area *a = vm_lookup(&ld->vm, d->start);

	while (a && a->what.owner == &d->owner && a->end < d->end)
		a = a->next && a->next->start == a->end ? a->next : NULL;
	return a && a->what.owner == &d->owner;
}

static int add(struct loader *ld, const struct dso *d, const struct vm_index_entry *e)
{
	int err = vm_index_add(&objects, e);

	if (err == 0)
		return 0;
	unwind_remove(d);
	return fail(ld, "%s: cannot add %p-%p to the index of _dl_find_object: %s", d->path,
		(void *)e->start, (void *)e->end, errno_text(err));
}

int unwind_add(struct loader *ld, const struct dso *d, struct link_map *map)
{
	struct vm_index_entry e = {d->start, last_end(d), map, unwind_table(d)};
	int r = 0;

	if (!objects.alloc)
		vm_index_init(&objects, first, sizeof first, more_memory, ld);
	if (owns_its_span(ld, d))
		return add(ld, d, &e);
	for (size_t i = 0; i < d->phnum && r == 0; i++) {
		const Elf_Phdr *p = &d->phdr[i];

		if (!is_load(p))
			continue;
		e.start = d->base + p->p_vaddr;
		e.end = e.start + p->p_memsz;
		r = add(ld, d, &e);
	}
	return r;
}

void unwind_remove(const struct dso *d)
{
	if (d->start == d->end)
		return;
	vm_index_remove(&objects, d->start);
	for (size_t i = 0; i < d->phnum; i++)
		if (is_load(&d->phdr[i]))
			vm_index_remove(&objects, d->base + d->phdr[i].p_vaddr);
}

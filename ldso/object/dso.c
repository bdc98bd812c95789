/* dso.c: a loaded object: its memory, its segments, its addresses.
 *
 * Objects of start-up live as long as the process: they are allocated in an arena that becomes
 * read-only.  Objects opened at run time may be closed again: their blocks come from the heap and
 * form a list.
 */
#include "state/loader.h"
#include "base/mem.h"

struct dso_memory {
	struct dso_memory *next;
	size_t reserved; /* keeps the block behind it aligned for any type */
};

struct dso *dso_new(struct loader *ld, enum dso_kind kind)
{
	struct dso *d = loader_is_running(ld) ? heap_alloc(&ld->heap, sizeof *d, 0, 0)
					      : arena_alloc(&ld->permanent, sizeof *d);

	if (!d)
		return NULL;
	d->state = loader_is_running(ld) ? dso_alloc(ld, d, sizeof *d->state)
					 : arena_alloc(&ld->writable, sizeof *d->state);
	if (!d->state) {
		dso_free(ld, d);
		return NULL;
	}
	d->kind = kind;
	d->owner.object = d;
	d->map = &d->state->own_map;
	d->ns = &ld->base;
	return d;
}

void *dso_alloc(struct loader *ld, struct dso *d, size_t n)
{
	struct dso_memory *m;

	if (!loader_is_running(ld))
		return arena_alloc(&ld->permanent, n);
	m = heap_alloc(&ld->heap, sizeof *m + n, 0, 0);
	if (!m)
		return NULL;
	m->next = d->memory;
	d->memory = m;
	return m + 1;
}

char *dso_strdup(struct loader *ld, struct dso *d, const char *s)
{
	size_t n = strlen(s) + 1;
	char *copy = dso_alloc(ld, d, n);

	return copy ? memcpy(copy, s, n) : NULL;
}

void dso_free(struct loader *ld, struct dso *d)
{
	for (struct dso_memory *m = d->memory, *next; m; m = next) {
		next = m->next;
		heap_free(&ld->heap, m);
	}
	if (loader_is_running(ld))
		heap_free(&ld->heap, d);
}

const Elf_Phdr *dso_next_load(const struct dso *d, const Elf_Phdr *p)
{
	for (p = p ? p + 1 : d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_LOAD && p->p_memsz)
			return p;
	return NULL;
}

const Elf_Phdr *dso_load_of(const struct dso *d, uintptr_t v, unsigned flags)
{
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (v - p->p_vaddr < p->p_memsz && (p->p_flags & flags) == flags)
			return p;
	return NULL;
}

uintptr_t dso_segments_end(const struct dso *d, unsigned flags)
{
	/* PT_LOADs are in the order of their addresses. */
	for (const Elf_Phdr *p = d->phdr + d->phnum; p-- > d->phdr;)
		if (p->p_type == PT_LOAD && p->p_memsz && (p->p_flags & flags) == flags)
			return d->base + p->p_vaddr + p->p_memsz;
	return d->base;
}

bool dso_contains(const struct dso *d, uintptr_t v, size_t size, unsigned flags)
{
	const Elf_Phdr *p = dso_load_of(d, v, flags);

	return p && size <= p->p_memsz - (v - p->p_vaddr);
}

size_t dso_room(const struct dso *d, uintptr_t v)
{
	const Elf_Phdr *p = dso_load_of(d, v, PF_R);

	return p ? p->p_memsz - (v - p->p_vaddr) : 0;
}

/* Without the registry, whose areas may be half changed. */
static struct dso *search_load_order(const struct loader *ld, uintptr_t addr)
{
	struct dso *d = ld->first;

	while (d && !dso_contains(d, addr - d->base, 1, 0))
		d = dso_next(d);
	return d;
}

static void *table_memory(void *ctx, size_t bytes)
{
	struct loader *ld = ctx;

	return heap_alloc(&ld->tables, bytes, 0, 0);
}

struct dso *dso_of_address(struct loader *ld, uintptr_t addr)
{
	const struct vm_area *area;
	struct dso *d;

	if (!loader_may_change(ld))
		return search_load_order(ld, addr);
	if (vm_table_due(&ld->vm))
		vm_make_table(&ld->vm, table_memory, ld);
	area = vm_find(&ld->vm, addr);
	d = area && area->what.owner ? area->what.owner->object : NULL;

	return d && d->state->listed && dso_contains(d, addr - d->base, 1, 0) ? d : NULL;
}

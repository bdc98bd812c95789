/* dso.c: the memory of a loaded object.
 *
 * Objects of start-up live as long as the process: an arena takes them one after the other, and is
 * read-only later.  What is opened at run time may be closed again: its blocks are the heap's and
 * hang together.
 */
#include "state/loader.h"
#include "base/mem.h"

struct dso_memory {
	struct dso_memory *next;
	size_t reserved; /* keeps what follows aligned for any type */
};

struct dso *dso_new(struct loader *ld, enum dso_kind kind)
{
	struct dso *d = ld->started ? heap_alloc(&ld->heap, sizeof *d, 0, 0)
				    : arena_alloc(&ld->permanent, sizeof *d);

	if (!d)
		return NULL;
	d->state = ld->started ? dso_alloc(ld, d, sizeof *d->state)
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

	if (!ld->started)
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
	if (ld->started)
		heap_free(&ld->heap, d);
}

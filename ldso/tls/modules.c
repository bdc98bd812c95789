/* modules.c: TLS module ids (Drepper, "ELF Handling For Thread-Local Storage", 2). */
#include "tls/tls.h"

#define LEAST_MODULES 16 /* initial capacity of the table */

static int grow_modules(struct loader *ld, const struct dso *d)
{
	struct tls *t = &ld->tls;

	if (heap_grow(&ld->heap, &t->modules, sizeof *t->modules, &t->room, LEAST_MODULES))
		return 0;
	return fail(ld, "%s: no memory for its TLS module", d->path);
}

/* Publishes a change of the table: threads whose dtv is of another generation update it first. */
static void next_generation(struct tls *t)
{
	__atomic_store_n(&t->generation, t->generation + 1, __ATOMIC_RELEASE);
}

static size_t free_slot(const struct tls *t)
{
	for (size_t i = 1; t->gaps && i <= t->count; i++)
		if (!t->modules[i].dso)
			return i;
	return 0;
}

int tls_add(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;
	size_t slot = free_slot(t);

	if (slot) {
		t->gaps--;
	} else {
		if (t->count + 1 >= t->room && grow_modules(ld, d) < 0)
			return -1;
		slot = ++t->count;
	}
	d->tls.module = slot;
	t->modules[slot] = (struct tls_module){d, t->generation + 1, false};
	/* Modules of start-up are assigned before any dtv exists. */
	if (ld->phase >= PHASE_LAID_OUT)
		next_generation(t);
	return 0;
}

void tls_remove(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;

	if (!d->tls.module)
		return;
	t->modules[d->tls.module] = (struct tls_module){NULL, t->generation + 1, false};
	t->gaps++;
	next_generation(t);
	/* The surplus is a stack: only the module allocated last can return its part. */
	if (d->tls.is_static && d->tls.surplus_end == t->surplus_start)
		t->surplus_start = d->tls.surplus_start;
	d->tls.module = 0;
}

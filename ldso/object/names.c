/* names.c: the names of a loaded object; see names.h. */
#include "object/names.h"
#include "base/mem.h"

struct dso_alias {
	struct dso_alias *next;
	char name[];
};

static bool is(const char *own, const char *name)
{
	return own && !strcmp(own, name);
}

bool names_match(const struct dso *d, const char *name)
{
	if (strchr(name, '$'))
		return false;
	if (is(d->soname, name) || is(d->name, name))
		return true;
	if (d->kind == DSO_PROGRAM)
		return false;
	for (const struct dso_alias *a = d->state->aliases; a; a = a->next)
		if (is(a->name, name))
			return true;
	return is(d->path, name);
}

int names_add(struct loader *ld, struct dso *d, const char *name)
{
	size_t n = strlen(name) + 1;
	struct dso_alias *a;

	if (strchr(name, '$') || names_match(d, name))
		return 0;
	a = heap_alloc(&ld->heap, sizeof *a + n, 0, 0);
	if (!a)
		return fail(ld, "%s: no memory for its name %s", d->path, name);
	memcpy(a->name, name, n);
	a->next = d->state->aliases;
	d->state->aliases = a;
	return 0;
}

void names_free(struct loader *ld, struct dso *d)
{
	for (struct dso_alias *a = d->state->aliases, *next; a; a = next) {
		next = a->next;
		heap_free(&ld->heap, a);
	}
}

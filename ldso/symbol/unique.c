/* unique.c: STB_GNU_UNIQUE: one definition of a name per namespace.
 *
 * C++ compilers give this binding to the static data of inline functions and templates (GCC manual,
 * -fno-gnu-unique): libraries opened with RTLD_LOCAL, which do not see each other's symbols, must
 * still share it.  A namespace has a chained hash table of the definitions that were bound to.
 */
#include "symbol/unique.h"
#include "base/mem.h"

#define BUCKETS 64

struct unique {
	struct unique *next;
	uint32_t hash; /* hash_gnu of the name */
	struct def def;
};

static const char *name_of(const struct def *def)
{
	return def->dso->symtab.str + def->sym->st_name;
}

/* A signal handler that has interrupted the loader can't add a definition: it gets its own. */
static int not_added(struct loader *ld, const struct def *def)
{
	if (!loader_may_change(ld)) {
		def->dso->state->nodelete = true;
		return 0;
	}
	return fail(ld, "%s: no memory for its unique symbols", def->dso->path);
}

int unique_canonicalize(struct loader *ld, const struct wanted *w, struct def *def)
{
	struct namespace *ns = def->dso->ns;
	struct unique *u, **bucket;

	if (!ns->uniques && loader_may_change(ld))
		ns->uniques = heap_alloc(&ld->heap, BUCKETS * sizeof *ns->uniques, 0, 0);
	if (!ns->uniques)
		return not_added(ld, def);
	bucket = &ns->uniques[w->gnu_hash % BUCKETS];
	for (u = *bucket; u; u = u->next)
		if (u->hash == w->gnu_hash && !strcmp(name_of(&u->def), w->name)) {
			*def = u->def;
			return 0;
		}
	u = !loader_may_change(ld) ? NULL : heap_alloc(&ld->heap, sizeof *u, 0, 0);
	if (!u)
		return not_added(ld, def);
	*u = (struct unique){*bucket, w->gnu_hash, *def};
	/* Any object may be bound to it from now on. */
	def->dso->state->nodelete = true;
	*bucket = u;
	return 0;
}

void unique_each(
	const struct namespace *ns, void (*visit)(void *arg, const struct def *def), void *arg)
{
	for (size_t i = 0; ns->uniques && i < BUCKETS; i++)
		for (const struct unique *u = ns->uniques[i]; u; u = u->next)
			visit(arg, &u->def);
}

void unique_forget(struct loader *ld, const struct dso *d)
{
	struct namespace *ns = d->ns;

	for (size_t i = 0; ns->uniques && i < BUCKETS; i++)
		for (struct unique **at = &ns->uniques[i], *u; (u = *at);)
			if (u->def.dso == d) {
				*at = u->next;
				heap_free(&ld->heap, u);
			} else {
				at = &u->next;
			}
}

/* lookup.c: a symbol in a scope.
 *
 * Three ways lead through a scope, with one result: the scope hash, while many symbols of a start
 * or of a dlopen are looked up; the Bloom filters side by side, once the program runs; and object
 * by object.
 */
#include "symbol/symbol.h"
#include "state/libc.h"
#include "symbol/bloom.h"
#include "symbol/scope_hash.h"
#include "symbol/unique.h"

#define FEW 8 /* objects that are looked into one by one */

/* Whether d has the definition that counts.  A weak one is kept, if it is the first. */
static bool settles(
	struct loader *ld, struct dso *d, struct wanted *w, struct def *def, struct def *weak)
{
	if (d == w->skip || !symbol_in(ld, d, w, def))
		return false;
	/* gABI: while linking at run time a weak definition is as good as any. */
	if (!ld->config.dynamic_weak || ELF_ST_BIND(def->sym->st_info) != STB_WEAK)
		return true;
	if (!weak->sym)
		*weak = *def;
	return false;
}

bool symbol_in_list(
	struct loader *ld, struct dso *const *list, size_t n, struct wanted *w, struct def *def)
{
	struct def weak = {0};

	for (size_t i = 0; i < n; i++)
		if (settles(ld, list[i], w, def, &weak))
			return true;
	*def = weak;
	return weak.sym != NULL;
}

bool symbol_in_scope(
	struct loader *ld, struct scope *s, size_t from, struct wanted *w, struct def *def)
{
	struct def weak = {0};
	struct bloom_query q;

	if (ld->scope_hash && ld->scope_hash->list == s->list && !from)
		return scope_hash_find(ld, ld->scope_hash, w, def);
	/* At start-up nobody has the time to make a sieve; a trace is to show every object. */
	if (s->count < FEW || !ld->settled || ld->diag.debug & DEBUG_SYMBOLS || !bloom_ready(ld, s))
		return symbol_in_list(ld, s->list + from, s->count - from, w, def);
	symbol_complete_hash(w);
	q = bloom_query(w->gnu_hash);
	for (size_t i = from; (i = bloom_next(s, i, &q)) < s->count; i++)
		if (settles(ld, s->list[i], w, def, &weak))
			return true;
	*def = weak;
	return weak.sym != NULL;
}

static bool find(struct loader *ld, struct dso *d, struct wanted *w, struct def *def)
{
	struct scope *g = &d->ns->global;

	if (d->symbolic && d != w->skip && symbol_in(ld, d, w, def))
		return true;
	if (d->deepbind && symbol_in_scope(ld, &d->root->state->scope, 0, w, def))
		return true;
	if (symbol_in_scope(ld, g, 0, w, def))
		return true;
	if (d->root && !d->deepbind && symbol_in_scope(ld, &d->root->state->scope, 0, w, def))
		return true;
	return ld->abi->fallback_symbol && ld->abi->fallback_symbol(ld, w->name, def);
}

bool symbol_find(struct loader *ld, struct dso *d, struct wanted *w, struct def *def)
{
	ld->statistics.lookups++;
	if (!find(ld, d, w, def))
		return false;
	if (ELF_ST_BIND(def->sym->st_info) != STB_GNU_UNIQUE || !ld->abi->unique_symbols || w->skip)
		return true;
	symbol_complete_hash(w);
	return unique_canonicalize(ld, w, def) == 0;
}

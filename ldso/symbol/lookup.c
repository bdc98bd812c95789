/* lookup.c: a symbol in a scope.
 *
 * There are three ways to search a scope, with the same result: the scope hash, while many symbols
 * of a start or of a dlopen are looked up; the table of Bloom filters, once the program runs; and
 * object by object.
 */
#include "symbol/symbol.h"
#include "state/libc.h"
#include "symbol/bloom.h"
#include "symbol/scope_hash.h"
#include "symbol/unique.h"

#define FEW_OBJECTS 8 /* smaller scopes are searched object by object */

/* Whether d has the definition, which ends the lookup.  With LD_DYNAMIC_WEAK a weak one does not;
 * the first is stored in *weak. */
static bool defines(
	struct loader *ld, struct dso *d, struct wanted *w, struct def *def, struct def *weak)
{
	if (d == w->skip || !symbol_in(ld, d, w, def))
		return false;
	/* The dynamic linker treats weak definitions as global ones: ld.so(8), LD_DYNAMIC_WEAK. */
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
		if (defines(ld, list[i], w, def, &weak))
			return true;
	*def = weak;
	return weak.sym != NULL;
}

bool symbol_in_scope(
	struct loader *ld, struct scope *s, size_t from, struct wanted *w, struct def *def)
{
	struct def weak = {0};
	struct bloom_query q;

	if (!loader_may_change(ld))
		return symbol_in_list(ld, s->list + from, s->count - from, w, def);
	if (ld->scope_hash && ld->scope_hash->list == s->list && !from)
		return scope_hash_find(ld, ld->scope_hash, w, def);
	/* A Bloom table is not worth building during start-up; LD_DEBUG=symbols shows every
	 * object. */
	if (s->count < FEW_OBJECTS || !ld->startup_last || ld->diag.debug & DEBUG_SYMBOLS ||
		!bloom_ready(ld, s))
		return symbol_in_list(ld, s->list + from, s->count - from, w, def);
	symbol_complete_hash(w);
	q = bloom_query(w->gnu_hash);
	for (size_t i = from; (i = bloom_next(s, i, &q)) < s->count; i++)
		if (defines(ld, s->list[i], w, def, &weak))
			return true;
	*def = weak;
	return weak.sym != NULL;
}

/* Searches everything that a relocation of d may bind to, in order. */
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
	for (const struct further_scope *f = __atomic_load_n(&d->state->also, __ATOMIC_ACQUIRE); f;
		f = __atomic_load_n(&f->next, __ATOMIC_ACQUIRE))
		if (symbol_in_scope(ld, &f->root->state->scope, 0, w, def))
			return true;
	return ld->abi->fallback_symbol && ld->abi->fallback_symbol(ld, w->name, def);
}

enum lookup symbol_find(struct loader *ld, struct dso *d, struct wanted *w, struct def *def)
{
	ld->statistics.lookups++;
	if (!find(ld, d, w, def))
		return w->failed ? LOOKUP_FAILED : LOOKUP_ABSENT;
	if (ELF_ST_BIND(def->sym->st_info) != STB_GNU_UNIQUE || !ld->abi->unique_symbols || w->skip)
		return LOOKUP_FOUND;
	symbol_complete_hash(w);
	return unique_canonicalize(ld, w, def) == 0 ? LOOKUP_FOUND : LOOKUP_FAILED;
}

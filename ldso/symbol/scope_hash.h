/* scope_hash.h: the hash tables of all objects of a scope in one, for as long as it is relocated.
 *
 * Looking a name up object by object costs a cache miss or two an object: with two hundred of them
 * that is what a start-up does most.  The chains of DT_GNU_HASH hold each symbol's hash value, so
 * that one table over all of them can be made without reading a single name.  Entries of one hash
 * value lie in the order of the scope: the first one that fits is the definition that the walk over
 * the objects would have found.
 */
#ifndef SCOPE_HASH_H
#define SCOPE_HASH_H

#include "state/loader.h"

struct wanted;
struct def;

/* A symbol of an object that others may bind to. */
struct scope_hash_slot {
	uint32_t hash;  /* of its name, bit 0 set; 0: a free slot */
	uint32_t where; /* object and symbol */
};

struct scope_hash {
	struct dso *const *list;
	struct scope_hash_slot *slots;
	uint32_t size; /* in slots */
};

/* Makes the table for n objects if about so many look-ups will be worth it.  false: it would not
 * be, or an object is not fit for it; then they are looked into one by one. */
bool scope_hash_make(
	struct loader *ld, struct scope_hash *m, struct dso *const *list, size_t n, size_t lookups);
void scope_hash_free(struct loader *ld, struct scope_hash *m);

/* Fetches where symbol `index` of d will be looked for, or else its name. */
void scope_hash_fetch(const struct scope_hash *m, const struct dso *d, uint32_t index);

/* As symbol_in_list(). */
bool scope_hash_find(
	struct loader *ld, const struct scope_hash *m, struct wanted *w, struct def *def);

#endif

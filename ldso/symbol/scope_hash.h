/* scope_hash.h: one hash table over all objects of a scope, while it is relocated.
 *
 * Looking a name up object by object costs a cache miss or two per object: with two hundred objects
 * that dominates start-up.  The chains of DT_GNU_HASH hold each symbol's hash value, so one table
 * over all objects can be built without reading a name.  Entries of one hash value are in scope
 * order, so the first match is the definition that a search object by object would have found.
 */
#ifndef SCOPE_HASH_H
#define SCOPE_HASH_H

#include "state/loader.h"

struct wanted;
struct def;

/* A symbol of one of the objects. */
struct scope_hash_slot {
	uint32_t hash;  /* of its name, bit 0 set; 0: a free slot */
	uint32_t where; /* index of the object in `list`, and of the symbol in its table */
};

struct scope_hash {
	struct dso *const *list;
	struct scope_hash_slot *slots;
	uint32_t size; /* in slots */
};

/* Builds the table for n objects, if about `lookups` lookups make that pay off.  false: they do
 * not, or an object's hash table does not allow it; lookups then go object by object. */
bool scope_hash_make(
	struct loader *ld, struct scope_hash *m, struct dso *const *list, size_t n, size_t lookups);
void scope_hash_free(struct loader *ld, struct scope_hash *m);

/* Prefetches the slot in which the lookup of d's symbol `index` will begin, or else its name. */
void scope_hash_fetch(const struct scope_hash *m, const struct dso *d, uint32_t index);

/* The same as symbol_in_list() for the table's objects. */
bool scope_hash_find(
	struct loader *ld, const struct scope_hash *m, struct wanted *w, struct def *def);

#endif

/* unique.h: STB_GNU_UNIQUE: one definition of a name per namespace. */
#ifndef UNIQUE_H
#define UNIQUE_H

#include "symbol/symbol.h"

/* Replaces *def, a definition of w's name with binding STB_GNU_UNIQUE, by the first definition of
 * that name that was bound to.  -1: no memory (reported). */
int unique_canonicalize(struct loader *ld, const struct wanted *w, struct def *def);

/* Calls visit for the definition of each name that was bound to in ns. */
void unique_each(
	const struct namespace *ns, void (*visit)(void *arg, const struct def *def), void *arg);

/* Forgets the definitions of an object that is being removed. */
void unique_forget(struct loader *ld, const struct dso *d);

#endif

/* unique.h: STB_GNU_UNIQUE: one definition of a name in a process. */
#ifndef UNIQUE_H
#define UNIQUE_H

#include "symbol/symbol.h"

/* *def is a definition of the name that w looks for, of binding STB_GNU_UNIQUE: replaces it by the
 * first of that name that was ever bound to.  -1 (reported): no memory. */
int unique_canonicalize(struct loader *ld, const struct wanted *w, struct def *def);

/* Calls visit for each definition that was settled upon in ns. */
void unique_each(
	const struct namespace *ns, void (*visit)(void *arg, const struct def *def), void *arg);

/* Forgets the definitions of an object that is being removed. */
void unique_forget(struct loader *ld, const struct dso *d);

#endif

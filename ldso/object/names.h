/* names.h: the names by which a loaded object is known.
 *
 * They are its path, its DT_SONAME and all that it was asked for by.  A name with '$' in it is none:
 * what it stands for depends on who asks.
 */
#ifndef NAMES_H
#define NAMES_H

#include "state/loader.h"

/* Whether `name` is one of d's.  Of the program the DT_SONAME alone is. */
bool names_match(const struct dso *d, const char *name);

/* Adds a name, unless it is one of d's.  -1: no memory (reported). */
int names_add(struct loader *ld, struct dso *d, const char *name);

/* Frees the names that were added. */
void names_free(struct loader *ld, struct dso *d);

#endif

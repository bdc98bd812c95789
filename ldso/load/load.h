/* load.h: loading of objects and of all that they need. */
#ifndef LOAD_H
#define LOAD_H

#include "state/loader.h"

/* The object of ns that `by` means by `name`: one that is loaded already, or a new one at the end
 * of the load order (mapped and decoded, its dependencies not yet loaded).  NULL with the reason
 * kept. */
struct dso *load_object(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* The object that `name` means if it is loaded already; NULL if not. */
struct dso *load_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* The first name that means a libc decides the world; from then on that libc's names all mean it.
 */
void load_choose_abi(struct loader *ld, const char *name);

/* Loads, breadth-first, what every object from `from` on needs.  Goes on after a failure so that
 * all are reported; -1 then. */
int load_needed(struct loader *ld, struct dso *from);

/* LD_PRELOAD and --preload: names separated by colons or spaces. */
int load_preload(struct loader *ld, const char *list, const char *where);

#endif

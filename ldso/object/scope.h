/* scope.h: which objects a symbol is looked for in, in order (gABI, "Shared Object Dependencies").
 *
 * A namespace has a global scope; an object has one of its own, itself and all that it needs.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include "state/loader.h"

/* d->state->scope: d and its dependencies, breadth-first.  Made once.  -1: no memory (reported). */
int scope_make(struct loader *ld, struct dso *d);

/* Adds d to the global scope of ns, at its end.  -1: no memory (reported). */
int scope_join_global(struct loader *ld, struct namespace *ns, struct dso *d);

/* The global scope of a start: the program, what is preloaded or asks to come next
 * (DF_1_INTERPOSE), all others in the load order.  -1: no memory (reported). */
int scope_make_global(struct loader *ld);

/* Takes d out of the global scope of its namespace, if it is in there. */
void scope_leave_global(struct loader *ld, struct dso *d);

/* Cuts a scope to its first n objects. */
void scope_cut(struct scope *s, size_t n);

/* Gives back the memory of a scope. */
void scope_free(struct loader *ld, struct scope *s);

#endif

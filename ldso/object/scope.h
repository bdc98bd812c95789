/* scope.h: the objects that a symbol lookup visits, in order (gABI, "Shared Object Dependencies").
 *
 * A namespace has a global scope; an object has its own: itself and all its dependencies.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include "state/loader.h"

/* Fills in d->state->scope, unless that is done: d and its dependencies, breadth-first.  -1: no
 * memory (reported). */
int scope_make(struct loader *ld, struct dso *d);

/* Appends d to the global scope of ns, unless it is a member.  -1: no memory (reported). */
int scope_join_global(struct loader *ld, struct namespace *ns, struct dso *d);

/* Builds the global scope at start-up: the program, preloaded objects and those with
 * DF_1_INTERPOSE, then all others in load order.  -1: no memory (reported). */
int scope_make_global(struct loader *ld);

/* Removes d from the global scope of its namespace, if it is a member. */
void scope_leave_global(struct dso *d);

/* Counts the changes of scopes; odd: one is being made.  A lookup without the lock is right if it
 * finds the same even number before and after. */
unsigned scope_version(void);

/* Truncates a scope to its first n objects. */
void scope_cut(struct scope *s, size_t n);

/* Frees the memory of a scope. */
void scope_free(struct loader *ld, struct scope *s);

#endif

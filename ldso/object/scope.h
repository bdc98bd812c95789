/* scope.h: the objects that a symbol lookup visits, in order (gABI, "Shared Object Dependencies").
 *
 * A namespace has a global scope; an object has its own: itself and all its dependencies.  The
 * relocations of an object search the global scope, then the own one of its root, then those of other
 * objects that were opened later and need it too.
 */
#ifndef SCOPE_H
#define SCOPE_H

#include "state/loader.h"

/* Fills in d->state->scope, unless that is done: d and its dependencies, breadth-first, but
 * each filtee before the object that has it.  -1: no memory (reported). */
int scope_make(struct loader *ld, struct dso *d);

/* What a handle of d means: its own scope, or the global one if d is the first object of its
 * namespace, such as the program. */
struct scope *scope_of(struct dso *d);

/* Adds the own scope of root, which has just been opened, to those of the objects in it that were
 * opened before.  -1: no memory (reported), and nothing has changed. */
int scope_extend(struct loader *ld, struct dso *root);

/* Takes the scopes of objects that dlclose has found unused from d, which has another root then.
 * What they took in memory is freed by scope_free_retired(), which is called when nothing reads
 * scopes without the lock. */
void scope_retract(struct loader *ld, struct dso *d);
void scope_free_retired(struct loader *ld);

/* Appends d to the global scope of ns, unless it is a member.  -1: no memory (reported). */
int scope_join_global(struct loader *ld, struct namespace *ns, struct dso *d);

/* Builds the global scope at start-up: the program, preloaded objects and those with
 * DF_1_INTERPOSE, then all others in load order.  -1: no memory (reported). */
int scope_make_global(struct loader *ld);

/* Tells d's scopes, for LD_DEBUG=scopes. */
void scope_tell(struct loader *ld, const struct dso *d);

/* Removes d from the global scope of its namespace, if it is a member. */
void scope_leave_global(struct dso *d);

/* Counts the changes of scopes; odd: one is being made.  A lookup without the lock is right if it
 * finds the same even number before and after. */
unsigned scope_version(void);

/* Truncates a scope to its first n objects. */
void scope_cut(struct scope *s, size_t n);

/* Free the memory of a scope, and of d's list of further ones. */
void scope_free(struct loader *ld, struct scope *s);
void scope_free_further(struct loader *ld, struct dso *d);

#endif

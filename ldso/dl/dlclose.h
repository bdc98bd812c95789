/* dlclose.h: which of the opened objects are in use. */
#ifndef DLCLOSE_H
#define DLCLOSE_H

#include "object/graph.h"

/* Walks over what is held, what that needs and what that is bound to, among the objects that were
 * opened: graph_seen() tells which of them are in use.  The lock is held. */
struct walk dlclose_see_used(struct loader *ld);

/* In a forked child, whose thread is `me`: what other threads were closing, or about to, is not for
 * a dlclose of this one. */
void dlclose_after_fork(struct loader *ld, uintptr_t me);

#endif

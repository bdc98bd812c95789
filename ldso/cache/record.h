/* record.h: what a start comes to, recorded while it happens, and left as a plan for later ones.
 *
 * A start that no plan can tell of (a search in a relative directory, say) is unrecordable
 * (search/trace.h): it leaves nothing.  Nor does a start that runs out of memory or disk for it;
 * that is no failure.
 */
#ifndef RECORD_H
#define RECORD_H

#include "cache/plan.h"

enum record_what { RECORD_BINDINGS, RECORD_SNAPSHOT };

/* Begins to record a start as the plan with this key, n bytes, in ld->bindings and ld->trace: true,
 * and the store is the recorder's to close.  The program is there, nothing else has been looked at.
 * false: miss_reason() says why not. */
bool record_begin(struct loader *ld, const struct store *store, const char *key, size_t n,
	enum record_what what);

/* All objects are loaded: numbers them, and says which of them the snapshot will hold.  Recording
 * ends here if the start has turned out to be unrecordable. */
void record_objects(struct loader *ld);

/* Leaves the plan, unless the start was unrecordable, and ends; miss_reason() says why there is no
 * plan, if there is none. */
void record_end(struct loader *ld);

#endif

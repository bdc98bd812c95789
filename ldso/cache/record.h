/* record.h: records a start while it happens and writes a plan for later ones.
 *
 * A start that depends on what no plan can express (a search in a relative directory, for example)
 * is unrecordable (search/trace.h): no plan is written.  The same applies when memory or disk space
 * is exhausted; the start itself does not fail.
 */
#ifndef RECORD_H
#define RECORD_H

#include "cache/plan.h"

enum record_what { RECORD_BINDINGS, RECORD_SNAPSHOT };

/* Begins to record a start as the plan with this key of n bytes, by setting ld->bindings and
 * ld->trace; called when the program is mapped and nothing else has been searched for.  Returns
 * true, and the recorder will close the store; or false, and miss_reason() says why. */
bool record_begin(struct loader *ld, const struct store *store, const char *key, size_t n,
	enum record_what what);

/* Called when all objects are loaded: numbers them, and decides which of them will be in the
 * snapshot.  Ends the recording if the start is unrecordable. */
void record_objects(struct loader *ld);

/* Writes the plan, unless the start was unrecordable, and ends the recording; miss_reason() says
 * why no plan was written, or is "". */
void record_end(struct loader *ld);

#endif

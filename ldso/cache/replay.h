/* replay.h: starts a program by the plan of an earlier start.
 *
 * A plan is used only if nothing that it depends on has changed (facts.h): then searches and
 * lookups would have the same results.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "cache/plan.h"
#include "reloc/bindings.h"

/* The plan that a start uses. */
struct replay {
	struct bindings bindings; /* the first member: ld->bindings points to it */
	struct plan plan;
	struct dso **objects;                  /* by index in the plan */
	const struct plan_binding *next, *end; /* remaining ones of the object being relocated */
	bool snapshot;                         /* the libraries' data is mapped from the snapshot */
};

/* Opens the plan in s for the key, checks it and maps its libraries.  Returns false, with nothing
 * mapped, if that fails; miss_reason() says why. */
bool replay_open(
	struct loader *ld, struct replay *rp, const struct store *s, const char *key, size_t n);

/* Adds the plan's objects to the load order and sets ld->bindings.  Returns 0 or -1 (reported). */
int replay_begin(struct loader *ld, struct replay *rp);

/* Called before the first relocation: registers the STB_GNU_UNIQUE symbols that lookups would have
 * registered.  Returns 0, or -1 (reported) when memory is exhausted. */
int replay_prepare(struct loader *ld, struct replay *rp);

#endif

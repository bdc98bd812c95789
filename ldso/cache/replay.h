/* replay.h: starts a program as an earlier start did, by the plan that it left.
 *
 * What a plan says is taken only while everything that it depends on is as it was (facts.h): then a
 * search or a look-up could only come to the same.
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "cache/plan.h"
#include "reloc/bindings.h"

/* The plan that a start follows. */
struct replay {
	struct bindings bindings; /* the first member: ld->bindings points to it */
	struct plan plan;
	struct dso **objects;                  /* by number */
	const struct plan_binding *next, *end; /* of the object that is being relocated */
	bool snapshot;                         /* the libraries' data comes from there */
};

/* Opens the plan in s for the key, checks it and maps its libraries.  false: miss_reason() says why
 * not, and nothing is mapped. */
bool replay_open(
	struct loader *ld, struct replay *rp, const struct store *s, const char *key, size_t n);

/* From here on the start follows the plan: its objects join the load order.  -1 (reported). */
int replay_begin(struct loader *ld, struct replay *rp);

/* Before the first relocation: what look-ups would have left behind.  -1 (reported): no memory. */
int replay_prepare(struct loader *ld, struct replay *rp);

#endif

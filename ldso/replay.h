/* replay.h: starts a program as an earlier start did, by the plan that it left.
 *
 * What a plan says is taken only while everything that it depends on is as it was (plan.h): then a
 * search or a look-up could only come to the same.  Otherwise the start is a cold one, and may take
 * notes for a new plan (record.h).
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "memo.h"
#include "plan.h"

/* The plan that this start follows. */
struct replay {
	struct store store;
	struct plan plan;
	struct dso **objects; /* by number */
	bool snapshot;        /* the libraries' data comes from there */
	bool same_processor;  /* as the one that the snapshot's IFUNCs were resolved on */
};

/* The program is there: looks for its plan and loads its libraries by it: 1.  0: nothing is loaded,
 * and notes may be being taken.  -1 (reported): nothing can be loaded. */
int replay_load(struct loader *ld);

/* Fills the memo with d's bindings. */
void replay_bindings(struct loader *ld, const struct dso *d, struct memo *memo);

/* Before the first relocation: what look-ups would have left behind.  -1 (reported): no memory. */
int replay_prepare(struct loader *ld);

/* Why the last replay_load() did not follow a plan; "" when it did. */
const char *replay_why(const struct loader *ld);

#endif

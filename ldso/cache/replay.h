/* replay.h: starts a program as an earlier start did, by the plan that it left.
 *
 * What a plan says is taken only while everything that it depends on is as it was (plan.h): then a
 * search or a look-up could only come to the same.  Otherwise the start is a cold one, and may take
 * notes for a new plan (record.h).
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "cache/plan.h"
#include "symbol/symbol.h"

#define REPLAY_KEY 4096 /* bytes of the longest key, and one more */

/* The plan that this start follows. */
struct replay {
	struct store store;
	struct plan plan;
	struct dso **objects;                  /* by number */
	const struct plan_binding *next, *end; /* of the object that is being relocated */
	bool snapshot;                         /* the libraries' data comes from there */
	bool same_processor; /* as the one that the snapshot's IFUNCs were resolved on */
};

/* The program is there: looks for its plan and loads its libraries by it: 1.  0: nothing is loaded,
 * and notes may be being taken.  -1 (reported): nothing can be loaded. */
int replay_load(struct loader *ld);

/* d is the next one to be relocated, or whose residue is: its relocations will ask in the order in
 * which they asked when the plan was made. */
void replay_object(struct loader *ld, const struct dso *d);

/* Whether the next binding is that of a key (reloc.h); and, if so, takes it: *def, or nobody (.dso
 * NULL). */
bool replay_knows(const struct loader *ld, uint32_t key);
bool replay_binding(struct loader *ld, uint32_t key, struct def *def);

/* Before the first relocation: what look-ups would have left behind.  -1 (reported): no memory. */
int replay_prepare(struct loader *ld);

/* What replay_load() is made of, for those who ask why (cachecmd.h).  Why no start like this one
 * has a plan, be there a store or not; NULL: it may have one. */
const char *replay_excluded(const struct loader *ld);
/* Everything in the process that decides what is loaded or bound, in key; returns its length, which
 * is too much from REPLAY_KEY on.  It is a row of strings and begins with the loader's own build:
 * what ld(1) has put into its note (--build-id). */
size_t replay_key(struct loader *ld, char *key);
size_t replay_build(const struct loader *ld, char *key, size_t n);
/* Opens rp->store's plan for the key, checks it and maps its libraries. */
bool replay_follow(struct loader *ld, struct replay *rp, const char *key, size_t n);
/* Whether the plan's facts hold, those of the files of its libraries too or not. */
bool replay_facts(struct loader *ld, const struct plan *p, bool libraries);

/* The plan's pages, to be read; -SYS_EAGAIN: they are from before the last boot; other negative
 * ones: there are none, or not those that were written. */
int replay_open_pages(struct loader *ld, const struct store *s, const struct plan *plan);

/* Why the last replay_load() did not follow a plan; "" when it did. */
const char *replay_why(const struct loader *ld);

#endif

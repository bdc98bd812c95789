/* facts.h: whether what a plan depends on has changed since the plan was made. */
#ifndef FACTS_H
#define FACTS_H

#include "cache/plan.h"

/* Which facts are checked; those about the libraries' files can wait until these are opened. */
enum facts { FACTS_ALL, FACTS_BUT_LIBRARIES };

/* Whether the plan's facts hold; if not, miss_reason() names the first that does not. */
bool facts_hold(struct loader *ld, const struct plan *p, enum facts which);

/* Whether info describes the file or directory of the fact, unchanged. */
bool facts_is_same_file(const struct plan_fact *f, const struct file_info *info);

#endif

/* facts.h: whether what a plan depends on is as it was when the plan was made. */
#ifndef FACTS_H
#define FACTS_H

#include "cache/plan.h"

/* Those of the libraries' files can wait until these are opened. */
enum facts { FACTS_ALL, FACTS_BUT_LIBRARIES };

/* Whether the plan's facts hold; if not, miss_reason() tells which does not. */
bool facts_hold(struct loader *ld, const struct plan *p, enum facts which);

/* Whether a file or directory is the one that the fact is about, unchanged. */
bool facts_is_same_file(const struct plan_fact *f, const struct file_info *info);

#endif

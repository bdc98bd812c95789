/* miss.h: why a start or a dlopen did not go by what an earlier one has left. */
#ifndef MISS_H
#define MISS_H

#include "state/loader.h"

/* Remembers a reason, "%s" in fmt being what; false. */
bool miss(struct loader *ld, const char *fmt, const char *what);

/* The last one; "": there was none.  miss_forget(): there is none any more. */
const char *miss_reason(void);
void miss_forget(void);

#endif

/* miss.h: why a start could not use a plan, or record one. */
#ifndef MISS_H
#define MISS_H

#include "state/loader.h"

/* Sets the reason, with `what` for "%s" in fmt.  Returns false. */
bool miss(struct loader *ld, const char *fmt, const char *what);

/* The last reason, or "".  miss_forget() clears it. */
const char *miss_reason(void);
void miss_forget(void);

#endif

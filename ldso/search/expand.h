/* expand.h: names and lists of directories with $ORIGIN, $LIB and $PLATFORM in them. */
#ifndef EXPAND_H
#define EXPAND_H

#include "search/search.h"

/* Expands n bytes of text, with $ORIGIN being d's (NULL: unknown), into buf (PATH_LIMIT bytes).
 * Returns NULL, or the reason why that is not possible: it is not reported, since callers make it a
 * part of different messages. */
const char *expand(struct loader *ld, const char *text, size_t n, struct dso *d, char *buf);

/* What $PLATFORM stands for; NULL: unknown. */
const char *expand_platform(struct loader *ld);

/* Whether an absolute path lies in or below one of the libc's default directories.  Compares text
 * only: symbolic links are not followed. */
bool expand_is_default(struct loader *ld, const char *path);

#endif

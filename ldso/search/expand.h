/* expand.h: names and lists of directories with $ORIGIN, $LIB and $PLATFORM in them. */
#ifndef EXPAND_H
#define EXPAND_H

#include "search/search.h"

/* Writes n bytes of text, as they are to be read for d (NULL: for nobody), into buf (PATH_LIMIT
 * bytes).  NULL, or why it can't be done. */
const char *expand(struct loader *ld, const char *text, size_t n, struct dso *d, char *buf);

/* What $PLATFORM stands for; NULL: nothing is known. */
const char *expand_platform(struct loader *ld);

/* Whether an absolute path is in one of the libc's default directories or below it, by its letters
 * alone. */
bool expand_is_default(const struct loader *ld, const char *path);

#endif

/* key.h: what of the process decides about a start, but for files. */
#ifndef KEY_H
#define KEY_H

#include "state/loader.h"

#define KEY_LIMIT 4096 /* bytes of the longest key, and one more */

/* Why no start like this one has a plan, whether there is a store or not; NULL: it may have one. */
const char *key_excluded(const struct loader *ld);

/* Everything in the process that decides what is loaded or bound, in key; returns its length, which
 * is too much from KEY_LIMIT on.  It is a row of strings and begins with the loader's own build. */
size_t key_of_start(struct loader *ld, char *key);

/* The loader's own build, as text in key (n bytes): what ld(1) has put into its note (--build-id).
 * Returns its length. */
size_t key_build(const struct loader *ld, char *key, size_t n);

#endif

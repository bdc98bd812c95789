/* key.h: the state of the process, apart from files, that decides what a start loads and binds. */
#ifndef KEY_H
#define KEY_H

#include "state/loader.h"

#define KEY_LIMIT 4096 /* a key has fewer bytes */

/* Why this start cannot have a plan, regardless of whether a store exists; NULL: it can. */
const char *key_excluded(const struct loader *ld);

/* Writes the key (KEY_LIMIT bytes) and returns its length; it is too long, and incomplete, if that
 * is KEY_LIMIT or more.  The key is a sequence of strings, each with its final 0, and begins with
 * the loader's own build. */
size_t key_of_start(struct loader *ld, char *key);

/* Writes the loader's own build-id as hexadecimal text to key (n bytes) and returns its length. */
size_t key_build(const struct loader *ld, char *key, size_t n);

#endif

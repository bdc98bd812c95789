/* dlopen_cache.h: what the symbols of a dlopen's objects were bound to, kept for the same dlopen
 * later, in this process or another.
 *
 * What a symbol is bound to follows from the files in the scopes that it is looked for in, from
 * their order and from the rules of the lookup, and from nothing else that has happened before.  So
 * that is the key: each file of the global scope and of the scope of what dlopen was asked for, in
 * order, by device, inode, size and times as they were when it was mapped, and which of them are
 * new.  Which files these are the search says each time: that costs the opening of the files, which
 * there would be anyway.  A library that was replaced or added, an interposer, another order, one
 * that was closed in between: each makes another key.
 *
 * Each dlopen that is worth it has a plan of its own in the store (plan.h, PLAN_DLOPEN).  It is
 * written within the dlopen, when the process is sure to be allowed files, and may end later in
 * whichever way.
 *
 * Not kept: slots that wait for their first call, whose definition may change until then;
 * STB_GNU_UNIQUE symbols, whose definition is the one that was met first; namespaces other than the
 * program's.
 *
 * cache_dlopen_begin() and cache_dlopen_end() are the way in (cache.h); these are for the list of
 * what is kept.
 */
#ifndef DLOPEN_CACHE_H
#define DLOPEN_CACHE_H

#include "cache/plan.h"

/* The program's path, and that of what was opened. */
const char *dlopen_cache_program(const struct plan *p);
const char *dlopen_cache_opened(const struct plan *p);

/* NULL, or why no dlopen will go by it: as far as those two files and the loader tell. */
const char *dlopen_cache_stale(const struct loader *ld, const struct plan *p);

#endif

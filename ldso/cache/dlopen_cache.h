/* dlopen_cache.h: the bindings of a dlopen's new objects, recorded for the same dlopen in this
 * process or another.
 *
 * The definition that a symbol is bound to depends only on the files in the scopes that are
 * searched, on their order and on the rules of the lookup.  So the key consists of these rules and
 * of each file of the global scope and of the opened object's scope, in order, identified by
 * device, inode, size and times as of its mapping, and marked if it is new.  The search still
 * determines the files each time: opening them is necessary anyway.  A library that was replaced or
 * added, an interposer, another order, a library closed in between: each changes the key.
 *
 * Each dlopen with enough symbols has a plan of its own in the store (plan.h, PLAN_DLOPEN).  It is
 * written during the dlopen, because the process may later lose access to files, or end in any way.
 *
 * Not recorded: lazy slots, whose definition may change until their first call; STB_GNU_UNIQUE
 * symbols, whose definition is the first one found in the process; namespaces other than the
 * program's.
 *
 * The loader calls cache_dlopen_begin() and cache_dlopen_end() (cache.h); the functions here are
 * for `--cache list`.
 */
#ifndef DLOPEN_CACHE_H
#define DLOPEN_CACHE_H

#include "cache/plan.h"

/* The program's path, and the path of the opened library. */
const char *dlopen_cache_program(const struct plan *p);
const char *dlopen_cache_opened(const struct plan *p);

/* NULL, or why no dlopen will use the plan, judged by these two files and the loader's build. */
const char *dlopen_cache_stale(const struct loader *ld, const struct plan *p);

#endif

/* cachecmd.h: myld.so --cache: what people do with the store (store.h).
 *
 * Calls that end the process' work return its exit code: 0, 1 for a problem that was asked for
 * (something damaged, a miss), or -1 with the reason kept.
 */
#ifndef CACHECMD_H
#define CACHECMD_H

#include "search/search.h"

/* enable, disable, list, verify, clear: no program is needed. */
int cache_command(struct loader *ld);

/* build: a process for each program; returns in each of those. */
void cache_each_program(struct loader *ld);
/* The program was found: from here on it goes by its own path, without symbolic links, as it does
 * when the kernel starts it. */
void cache_resolve(struct loader *ld, struct found *found);
/* The program is there: begins to take notes.  -1: there can be no plan. */
int cache_build(struct loader *ld);
/* The notes have ended. */
int cache_built(struct loader *ld);

/* why: the program is there. */
int cache_why(struct loader *ld);

/* --list-diagnostics: where the directories are, and how. */
void cache_print_diagnostics(const struct loader *ld);

#endif

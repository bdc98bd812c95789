/* commands.h: myld.so --cache: what can be done with the store (store.h).
 *
 * Calls that end the process' work return its exit code: 0, 1 for a problem that was asked for
 * (something damaged, a miss), or -1 with the reason reported.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "state/loader.h"

/* enable, disable, list, verify, clear: no program is needed. */
int cache_command(struct loader *ld);

/* build: a process for each program; returns in each of those. */
void cache_each_program(struct loader *ld);
/* The program is there: its start will be recorded.  -1: there can be no plan. */
int cache_build(struct loader *ld);
/* The start was recorded. */
int cache_built(struct loader *ld);

/* why: the program is there. */
int cache_why(struct loader *ld);

/* --list-diagnostics: where the directories are, and how. */
void cache_print_diagnostics(const struct loader *ld);

#endif

/* commands.h: myld.so --cache: commands for the cache directories (cache/store.h).
 *
 * cache_command(), cache_built() and cache_why() return the exit code of the process: 0, or 1 if
 * the check was negative (something is damaged, a miss); or -1 (reported).  Other functions return
 * 0 or -1 (reported).
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "state/loader.h"

/* enable, disable, list, verify, clear: called without a program. */
int cache_command(struct loader *ld);

/* build: forks a process for each program, and returns in each of them; one program needs none. */
void cache_each_program(struct loader *ld);
/* build, called when the program is mapped: begins to record its start; -1 if it cannot have a
 * plan. */
int cache_build(struct loader *ld);
/* build, called when the start was recorded: prints the plan. */
int cache_built(struct loader *ld);

/* why, called when the program is mapped. */
int cache_why(struct loader *ld);

/* --list-diagnostics: the cache directories, with owner and mode. */
void cache_print_diagnostics(const struct loader *ld);

#endif

/* cli.h: what the loader is asked to do in the place of starting a program, or beside it: --list,
 * --verify, --help, --cache ...
 *
 * main.c calls these at four points of a start.  Each does what was asked for there and ends the
 * process, or returns at once.
 */
#ifndef CLI_H
#define CLI_H

#include "state/loader.h"

/* No program has been looked at.  Of --cache build it returns in a process for each program. */
void cli_answer(struct loader *ld);

/* The program is there, its libraries are not. */
void cli_program(struct loader *ld);

/* The libraries are there; loaded: 0, or -1 if some are missing (reported). */
void cli_libraries(struct loader *ld, int loaded);

/* The program could start now: shows what was asked for. */
void cli_ready(struct loader *ld);

#endif

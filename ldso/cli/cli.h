/* cli.h: what the loader does as a command instead of starting a program, or in addition: --list,
 * --verify, --help, --cache ...
 *
 * main.c calls these functions at four steps of a start.  Each carries out the mode that belongs to
 * its step and ends the process, or returns at once.
 */
#ifndef CLI_H
#define CLI_H

#include "state/loader.h"

/* Called before a program is opened.  For --cache build it returns in one process for each
 * program. */
void cli_answer(struct loader *ld);

/* Called with the result of loading the program, -1 if that failed (reported): ends the process
 * then. */
void cli_must_load(const struct loader *ld, int loaded);

/* Called when the program is mapped, and its libraries are not. */
void cli_program(struct loader *ld);

/* Called when the libraries are loaded; loaded: 0, or -1 if some are missing (reported). */
void cli_libraries(struct loader *ld, int loaded);

/* Called right before the program starts: prints what was requested. */
void cli_ready(struct loader *ld);

#endif

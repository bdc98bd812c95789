/* help.h: what the loader prints about itself, to standard output. */
#ifndef HELP_H
#define HELP_H

#include "state/loader.h"

/* --help: usage, options, variables, and where libraries are searched for. */
void help_print_help(struct loader *ld);
void help_print_version(void);
/* --list-diagnostics: what a search depends on, in the form of glibc's ld.so. */
void help_print_diagnostics(struct loader *ld);
/* LD_DEBUG=help: the words that LD_DEBUG accepts. */
void help_print_debug_help(void);
/* LD_SHOW_AUXV: the auxiliary vector, one entry per line. */
void help_print_auxv(const struct config *c);

#endif

/* statistics.h: what LD_DEBUG=statistics prints. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include "state/loader.h"

/* Prints the counts of start-up, just before the program starts. */
void statistics_print_start(const struct loader *ld);

/* Prints the counts of the whole run, when the program ends. */
void statistics_print_end(const struct loader *ld);

#endif

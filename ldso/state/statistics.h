/* statistics.h: what LD_DEBUG=statistics prints: ld.so's counts and times, then the loader's own. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include "state/loader.h"

/* From here on the time is spent on this work. */
void statistics_begin(struct loader *ld, enum work work);

/* Prints the counts and times of start-up, just before the program starts. */
void statistics_print_start(struct loader *ld);

/* Prints the counts of the whole run, when the program ends. */
void statistics_print_end(const struct loader *ld);

#endif

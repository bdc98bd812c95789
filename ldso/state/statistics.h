/* statistics.h: what LD_DEBUG=statistics prints. */
#ifndef STATISTICS_H
#define STATISTICS_H

#include "state/loader.h"

/* Just before the program starts. */
void statistics_print_start(const struct loader *ld);

/* When the program ends: what is known only then. */
void statistics_print_end(const struct loader *ld);

#endif

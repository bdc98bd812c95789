/* print_maps.h: the registry as text. */
#ifndef PRINT_MAPS_H
#define PRINT_MAPS_H

#include "state/loader.h"

/* Prints a line an area to fd, after a look at /proc/self/maps for what other code has mapped. */
void print_maps(struct loader *ld, int fd);

#endif

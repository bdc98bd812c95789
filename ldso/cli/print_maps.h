/* print_maps.h: the registry as text. */
#ifndef PRINT_MAPS_H
#define PRINT_MAPS_H

#include "state/loader.h"

/* Updates the registry from /proc/self/maps and prints it to fd, one area per line. */
void print_maps(struct loader *ld, int fd);

#endif

/* listing.h: --list and LD_TRACE_LOADED_OBJECTS, by which ldd(1) shows what a program needs. */
#ifndef LISTING_H
#define LISTING_H

#include "state/loader.h"

/* Prints the libraries of the program, which are loaded and not relocated, and what the variables
 * LD_WARN, LD_VERBOSE and LD_DEBUG=unused ask for.  Returns the exit code, or -1: reported, perhaps
 * before the call. */
int list_libraries(struct loader *ld);

#endif

/* check_maps.h: the loader's registry equals the kernel's list of mappings.
 *
 * Fixtures call check_maps("where") at main() and after each dlopen, dlclose and fork.  Under a
 * loader that keeps no registry (the oracle) it does nothing; under myld.so it prints a line only
 * if something differs, so that the output then is not the oracle's.
 */
#ifndef CHECK_MAPS_H
#define CHECK_MAPS_H

#include <stdio.h>

#include "loader_maps.h"

static inline void check_maps(const char *where)
{
	long made, whole;

	if (!&myld_check_maps)
		return;
	fflush(stdout);
	made = WRONG_LOADER_MAPS; /* the loader's own mappings, without asking the kernel */
	whole = myld_check_maps(1, 2);
	if (made || whole)
		printf("maps differ from the registry %s: %ld of the loader's lines, %ld of all\n",
			where, made, whole);
}

#endif

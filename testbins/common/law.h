/* law.h: the loader's registry equals the kernel's list of mappings.
 *
 * Fixtures call law("where") at main() and after each dlopen, dlclose and fork.  Under a loader
 * that keeps no registry (the oracle) it does nothing; under myld.so it prints a line only if
 * something differs, so that the output then is not the oracle's.
 */
#ifndef LAW_H
#define LAW_H

#include <stdio.h>

#include "law_of_made.h"

static inline void law(const char *where)
{
	long made, whole;

	if (!&myld_check_maps)
		return;
	fflush(stdout);
	made = LAW_OF_MADE; /* the loader's own mappings, without asking the kernel */
	whole = myld_check_maps(1, 2);
	if (made || whole)
		printf("law broken %s: %ld of the loader's lines, %ld of all\n", where, made,
			whole);
}

#endif

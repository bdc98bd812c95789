/* hwcaps.h: the subdirectories of glibc-hwcaps that are searched, best first. */
#ifndef HWCAPS_H
#define HWCAPS_H

#include "state/loader.h"

#define HWCAPS_MOST      32 /* subdirectories: struct directory has a bit for each */
#define HWCAPS_PREPENDED 24 /* of --glibc-hwcaps-prepend that are used */

struct hwcap {
	const char *name;
	unsigned len;   /* of the name, which is part of a list */
	bool built_in;  /* one of the machine's, not of --glibc-hwcaps-prepend */
	bool supported; /* by this processor */
	bool searched;
};

struct hwcaps {
	unsigned count, level; /* level: arch_isa_level() */
	struct hwcap list[HWCAPS_MOST];
};

/* Fills in *h from the processor's level and the two options. */
void hwcaps_read(struct hwcaps *h, const struct config *c);

/* The hwcaps of the process, read at the first call, since that takes several CPUID instructions,
 * which trap in a virtual machine.  NULL: no memory (not reported); callers go without hwcaps. */
const struct hwcaps *hwcaps_of(struct loader *ld);

/* The index of a name in the list if it is searched, else -1. */
int hwcaps_find(const struct hwcaps *h, const char *name);

#endif

/* hwcaps.h: the subdirectories of glibc-hwcaps that are searched, best first. */
#ifndef HWCAPS_H
#define HWCAPS_H

#include "state/loader.h"

#define HWCAPS_MOST      32 /* subdirectories: struct directory of search.c has a bit for each */
#define HWCAPS_PREPENDED 24 /* of --glibc-hwcaps-prepend that are heeded */

struct hwcap {
	const char *name;
	unsigned len;   /* the name is a part of a list */
	bool built_in;  /* one of the machine's, not of --glibc-hwcaps-prepend */
	bool supported; /* by this processor */
	bool searched;
};

struct hwcaps {
	unsigned count, level; /* level: arch_isa_level() */
	struct hwcap list[HWCAPS_MOST];
};

/* Asks the processor, and the two options. */
void hwcaps_read(struct hwcaps *h, const struct config *c);

/* The process' own, read when first asked for, which takes several CPUID: they trap in a virtual
 * machine.  NULL without memory: then there are none, and slower variants are taken. */
const struct hwcaps *hwcaps_of(struct loader *ld);

/* The index of a name in the list if it is searched, else -1. */
int hwcaps_find(const struct hwcaps *h, const char *name);

#endif

/* version.h: symbol versions (LSB 5, "Symbol Versioning"). */
#ifndef VERSION_H
#define VERSION_H

#include "state/loader.h"

/* DT_VERNEED and DT_VERDEF into d->symtab.versions.  Offsets are DT_VERNEED's and
 * DT_VERDEF's addresses. */
struct version_tables {
	uintptr_t verneed, verdef;
	size_t nverneed, nverdef;
};
int version_decode(struct loader *ld, struct dso *d, const struct version_tables *t);

/* Holds what d needs of its dependencies' versions against what they define; every missing one is
 * reported. */
int version_check(struct loader *ld, struct dso *d);

/* The same for every object in the load order. */
int version_check_all(struct loader *ld);

#endif

/* version.h: symbol versions (LSB 5, "Symbol Versioning"). */
#ifndef VERSION_H
#define VERSION_H

#include "state/loader.h"

/* The values of DT_VERNEED, DT_VERDEF (not relocated), DT_VERNEEDNUM and DT_VERDEFNUM. */
struct version_tables {
	uintptr_t verneed, verdef;
	size_t nverneed, nverdef;
};

/* Decodes both tables into d->symtab.versions.  -1: reported. */
int version_decode(struct loader *ld, struct dso *d, const struct version_tables *t);

/* Checks that d's dependencies define the versions that d needs.  -1: some do not; each missing one
 * is reported. */
int version_check(struct loader *ld, struct dso *d);

/* The same for every object in the load order. */
int version_check_all(struct loader *ld);

#endif

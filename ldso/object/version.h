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

/* Calls `each` for every version that d, which is decoded, needs of others, in the order of its
 * table.  -1: the table is damaged (reported). */
int version_each_needed(struct loader *ld, struct dso *d,
	void (*each)(void *arg, const struct version *v), void *arg);

/* The loaded object that a needed version names if it defines it, or NULL. */
struct dso *version_definer(struct loader *ld, const struct version *v);

/* The same at start-up for every object in the load order.  As ld.so does then, also warns on
 * standard error of libraries without versions, and of missing weak ones; *warned: whether. */
int version_check_all(struct loader *ld, bool *warned);

#endif

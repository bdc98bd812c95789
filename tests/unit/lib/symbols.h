/* symbols.h: symbol tables with their hash tables, as a linker makes them, for objects to test with.
 *
 * Each table is a block of its exact size (fake_memory.h), so that the sanitizer sees an entry read
 * behind it.
 */
#ifndef SYMBOLS_H
#define SYMBOLS_H

#include "state/loader.h"

/* A symbol to be made. */
struct sample {
	const char *name;
	unsigned char bind, type, visibility;
	uint16_t section; /* SHN_UNDEF ... */
	uint16_t versym;
	uintptr_t value, size;
};

enum sample_hash { HASH_GNU = 1, HASH_SYSV = 2 };

/* A library of the base namespace at the end of the load order, without segments. */
struct dso *sample_object(struct loader *ld, const char *path);

/* Gives d a table of n symbols behind the null symbol; in DT_GNU_HASH's order if there is one, else
 * in that of the list.  Undefined ones are not in DT_GNU_HASH. */
void sample_symbols(struct loader *ld, struct dso *d, const struct sample *list, size_t n,
	unsigned hashes, bool versioned);

/* Gives d the versions 2, 3 ... by these names (NULL ends them; "" is no version). */
void sample_versions(struct loader *ld, struct dso *d, const char *const *names);

/* A number below n. */
size_t any(size_t n);

#endif

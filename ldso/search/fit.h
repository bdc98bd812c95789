/* fit.h: whether a file's ELF header is one of an object that this machine can load. */
#ifndef FIT_H
#define FIT_H

#include <stdbool.h>
#include <stddef.h>

/* Why a file does not fit. */
struct unfit {
	/* It is an object of another kind of machine, which may lie in the directories of this one:
	 * a search goes on. */
	bool foreign;
	const char *words; /* ld.so's for it; NULL: as for a file that does not exist */
	char facts[160];
};

/* Checks the first n bytes of a file.  false: *why is filled in. */
bool fit_check(const unsigned char *head, size_t n, struct unfit *why);

#endif

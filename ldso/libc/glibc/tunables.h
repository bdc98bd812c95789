/* tunables.h: GLIBC_TUNABLES, by the rules of the process' build of glibc.
 *
 * libc.so.6 identifies its tunables by id, the index in that build's own list; the loader finds
 * those that concern it (glibc.rtld.*, glibc.pthread.*, glibc.cpu.*) by name.
 */
#ifndef GLIBC_TUNABLES_H
#define GLIBC_TUNABLES_H

#include "libc/glibc/layout.h"
#include "state/loader.h"

struct tunable_value {
	/* glibc's tunable_val_t; the first member, because libc's callbacks get its address. */
	union {
		int64_t number; /* a uint64_t if the type is unsigned */
		struct {
			const char *s; /* NULL: not set; ends with a 0 */
			size_t length;
		} text;
	};
	int64_t min, max; /* as number */
	bool is_set;      /* by the user or by tunables_set(); otherwise the default */
	const struct glibc_tunable *tunable;

	const char *given; /* the value in the list that is being parsed; NULL: none */
	size_t given_length;
};

/* Sets all tunables of b to their defaults, then to the values in the environment, which is ignored
 * in secure mode.  Allocates in the permanent arena.  Returns 0 or -1 (reported). */
int tunables_init(struct loader *ld, const struct glibc_build *b);

/* The tunable with this name; NULL if this build has none. */
const struct tunable_value *tunables_find(const char *name);

/* Sets a value that the loader has determined, and narrows the bounds.  A value out of bounds, or a
 * name that this build does not have, changes nothing. */
void tunables_set(const char *name, uint64_t value, uint64_t min, uint64_t max);

/* Prints all tunables to standard output, for --list-tunables. */
void tunables_print(void);

/* __tunable_get_val and __tunable_is_initialized, which libc.so.6 imports. */
void api_tunable_get_val(int id, void *value, void (*callback)(void *));
int api_tunable_is_initialized(int id);

#endif

/* tunables.h: GLIBC_TUNABLES, by the rules of the build of glibc that the process has.
 *
 * libc.so.6 asks for its tunables by id, the index in that build's own list; the loader asks for
 * its own (glibc.rtld.*, glibc.mem.*, glibc.cpu.*) by name.
 */
#ifndef GLIBC_TUNABLES_H
#define GLIBC_TUNABLES_H

#include "libc/glibc/layout.h"
#include "state/loader.h"

struct tunable_value {
	/* glibc's tunable_val_t.  First, because libc's callbacks get its address. */
	union {
		int64_t number; /* a uint64_t where the type is unsigned */
		struct {
			const char *s; /* NULL: not set; ends with a 0 */
			size_t length;
		} text;
	};
	int64_t min, max; /* as number */
	bool is_set;      /* by the user or by tunables_set(): not the default */
	const struct glibc_tunable *tunable;

	const char *given; /* what the list being read says of it; NULL: nothing */
	size_t given_length;
};

/* Takes the defaults of b and what the environment says; in secure mode that is nothing.  -1:
 * reported.  Memory is the permanent arena's. */
int tunables_init(struct loader *ld, const struct glibc_build *b);

/* Whether glibc.rtld.enable_secure=1 asks to treat the process as a set-uid one. */
bool tunables_want_secure(void);

/* NULL: this build has no such tunable. */
const struct tunable_value *tunables_find(const char *name);

/* Sets a value that the loader has found out, within bounds that can only get narrower; a value
 * outside of them, or a name that this build does not know, changes nothing. */
void tunables_set(const char *name, uint64_t value, uint64_t min, uint64_t max);

/* --list-tunables: to standard output. */
void tunables_print(void);

/* __tunable_get_val and __tunable_is_initialized, which libc.so.6 imports. */
void api_tunable_get_val(int id, void *value, void (*callback)(void *));
int api_tunable_is_initialized(int id);

#endif

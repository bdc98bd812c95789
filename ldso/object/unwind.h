/* unwind.h: maps an address to its object and unwind table: _dl_find_object.
 *
 * An unwinder calls it for each stack frame.  It takes no lock and reads a separate index
 * (vm/index.h), so it works in signal handlers and while another thread is in dlopen or dlclose.
 */
#ifndef UNWIND_H
#define UNWIND_H

#include "state/loader.h"

/* struct dl_find_object of glibc's <dlfcn.h> for x86_64; on some machines dlfo_eh_dbase precedes
 * the reserved fields. */
struct dl_find_object {
	unsigned long long dlfo_flags; /* 0 */
	void *dlfo_map_start;
	void *dlfo_map_end;
	struct link_map *dlfo_link_map;
	void *dlfo_eh_frame; /* PT_GNU_EH_FRAME; NULL: the object has none */
	unsigned long long reserved[7];
};

/* Fills in *result (except `reserved`) for the object that contains pc and returns 0, or returns -1
 * and leaves *result alone if there is none (not reported). */
int unwind_find_object(const void *pc, struct dl_find_object *result);

/* Whether all of d's span is d's: the gaps between its segments are reserved. */
bool unwind_is_contiguous(const struct loader *ld, const struct dso *d);

/* Adds d, which is mapped, to the index; lookups return `map`.  The lock is held and signals are
 * blocked.  -1: no memory (reported), nothing was added. */
int unwind_add(struct loader *ld, const struct dso *d, struct link_map *map);

/* Removes d from the index, if it is there; called before d is unmapped.  The lock is held. */
void unwind_remove(const struct dso *d);

#endif

/* unwind.h: which object an address lies in, and where its unwind table is: _dl_find_object.
 *
 * What an unwinder asks for each frame of a stack.  The answer takes no lock and comes from an
 * index of its own (vm/index.h), so it can be had in signal handlers and while another thread is in
 * dlopen or dlclose.
 */
#ifndef UNWIND_H
#define UNWIND_H

#include "state/loader.h"

/* struct dl_find_object of glibc's <dlfcn.h>, as x86_64 has it; on others dlfo_eh_dbase comes
 * before what is reserved. */
struct dl_find_object {
	unsigned long long dlfo_flags; /* 0 */
	void *dlfo_map_start;
	void *dlfo_map_end;
	struct link_map *dlfo_link_map;
	void *dlfo_eh_frame; /* PT_GNU_EH_FRAME; NULL: the object has none */
	unsigned long long reserved[7];
};

/* Fills in *result (not what is reserved) for the object that pc lies in: 0.  -1 when it lies in
 * none, and *result is as it was. */
int unwind_find_object(const void *pc, struct dl_find_object *result);

/* With the lock held, heap and registry open: d, which is mapped, can be found from now on, as map.
 * -1 (reported, nothing was added) when there is no memory. */
int unwind_add(struct loader *ld, const struct dso *d, struct link_map *map);

/* With the lock held, before d is unmapped: it can no longer be found, if it ever was. */
void unwind_remove(const struct dso *d);

#endif

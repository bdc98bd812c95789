/* unload.h: unloads objects.
 *
 * The lock is held, with signals blocked.
 */
#ifndef UNLOAD_H
#define UNLOAD_H

#include "state/loader.h"

/* Removes d from the load order and from all tables by name.  It stays mapped until unload_dead(),
 * since another thread in dl_iterate_phdr may be reading it. */
void unload_object(struct loader *ld, struct dso *d);

/* Unmaps and frees all objects that unload_object() removed, unless a thread is in dl_iterate_phdr;
 * threads that enter it later do not find these objects. */
void unload_dead(struct loader *ld);

/* Unmaps and frees d, to which nothing may refer. */
void unload_free(struct loader *ld, struct dso *d);

#endif

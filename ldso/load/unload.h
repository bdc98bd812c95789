/* unload.h: unloads objects.
 *
 * The lock is held, but for readers.
 */
#ifndef UNLOAD_H
#define UNLOAD_H

#include "state/loader.h"

/* Removes d from the load order and from all tables by name.  It stays mapped until unload_dead(),
 * since another thread may be reading it. */
void unload_object(struct loader *ld, struct dso *d);

/* Unmaps and frees all objects that unload_object() removed, unless there is a reader; later ones do
 * not find these objects. */
void unload_dead(struct loader *ld);

/* Around a walk over objects without the lock: none that can be reached is unmapped or freed.  The
 * last reader to leave frees what was removed meanwhile. */
void unload_enter_reader(struct loader *ld);
void unload_leave_reader(struct loader *ld);

/* Unmaps and frees d, to which nothing may refer. */
void unload_free(struct loader *ld, struct dso *d);

#endif

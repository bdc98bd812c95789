/* unload.h: the end of an object.
 *
 * The lock is held, with signals blocked.
 */
#ifndef UNLOAD_H
#define UNLOAD_H

#include "state/loader.h"

/* d leaves the load order and all tables of names.  It stays mapped until unload_dead(), since
 * somebody in dl_iterate_phdr may stand on it. */
void unload_object(struct loader *ld, struct dso *d);

/* Unmaps what unload_object() has taken out and gives its memory back: all of it, or nothing while
 * somebody is in dl_iterate_phdr.  Those who come in later do not find these objects. */
void unload_dead(struct loader *ld);

/* Unmaps d and gives its memory back: nothing may refer to it any more. */
void unload_free(struct loader *ld, struct dso *d);

#endif

/* iterate.h: dl_iterate_phdr in a forked child. */
#ifndef ITERATE_H
#define ITERATE_H

#include "state/loader.h"

/* Callbacks of other threads than `me` will not come to an end here. */
void iterate_after_fork(struct loader *ld, uintptr_t me);

#endif

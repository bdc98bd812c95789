/* iterate.h: dl_iterate_phdr in a forked child. */
#ifndef ITERATE_H
#define ITERATE_H

#include "state/loader.h"

/* Abandons the walk of another thread than `me`: its callbacks do not continue in the child. */
void iterate_after_fork(struct loader *ld, uintptr_t me);

#endif

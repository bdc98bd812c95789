/* descriptors.h: descriptors 0 to 2 of a program in secure mode.
 *
 * The caller of a set-user-ID program may have closed them.  What the program opens next would get
 * the number, and become what it reads as its input or writes messages to.
 */
#ifndef DESCRIPTORS_H
#define DESCRIPTORS_H

#include "state/loader.h"

/* In secure mode opens those that are closed, as the libc's own loader does.  -1: reported. */
int descriptors_open(struct loader *ld);

#endif

/* dynamic.h: decodes PT_DYNAMIC into struct dso. */
#ifndef DYNAMIC_H
#define DYNAMIC_H

#include "state/loader.h"

/* Decodes d's dynamic section, if it has one.  Every address and size in it is checked against the
 * segments, so that later code need not check them.  -1: reported. */
int dynamic_decode(struct loader *ld, struct dso *d);

/* Whether the tag's value is an address that glibc's ld.so relocates in place. */
bool dynamic_is_address(intptr_t tag);

#endif

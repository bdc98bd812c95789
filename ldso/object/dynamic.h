/* dynamic.h: PT_DYNAMIC becomes the decoded part of struct dso. */
#ifndef DYNAMIC_H
#define DYNAMIC_H

#include "state/loader.h"

/* Decodes d's dynamic section once; every address and every size in it is checked against the
 * segments, so that later readers need not.  An object without one is fine.  -1 with the reason
 * kept. */
int dynamic_decode(struct loader *ld, struct dso *d);

/* Whether the tag's value is an address that glibc's ld.so relocates where it stands. */
bool dynamic_is_address(intptr_t tag);

#endif

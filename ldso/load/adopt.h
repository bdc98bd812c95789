/* adopt.h: what the kernel mapped before the loader ran: the stack, the loader itself, the vDSO.
 *
 * Functions return 0, or -1 with the reason reported.
 */
#ifndef ADOPT_H
#define ADOPT_H

#include "state/loader.h"

/* The stack, with this protection; VM_X makes it executable. */
int adopt_stack(struct loader *ld, unsigned prot);

/* The loader: ld->self, which joins the load order later. */
int adopt_self(struct loader *ld);

/* The vDSO, if the kernel gave one: ld->vdso, at the end of the load order. */
int adopt_vdso(struct loader *ld);

#endif

/* adopt.h: registers what the kernel mapped before the loader ran: stack, loader, vDSO.
 *
 * Functions return 0, or -1 with the reason reported.
 */
#ifndef ADOPT_H
#define ADOPT_H

#include "state/loader.h"

/* Registers the stack with this protection; VM_X makes it executable. */
int adopt_stack(struct loader *ld, unsigned prot);

/* Creates ld->self, the loader's object, which joins the load order later. */
int adopt_self(struct loader *ld);

/* Creates ld->vdso, if the kernel mapped a vDSO, at the end of the load order. */
int adopt_vdso(struct loader *ld);

#endif

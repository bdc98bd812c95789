/* init.h: constructors and destructors. */
#ifndef INIT_H
#define INIT_H

#include "state/loader.h"

/* d is relocated: its arrays of constructors and destructors must hold addresses of code.  -1, and
 * the reason is kept, if not. */
int init_check(struct loader *ld, const struct dso *d);

/* The same for all objects, at start-up. */
int init_check_all(struct loader *ld);

/* Constructors of everything that d needs and then of d, as far as they have not run, in the
 * world's order.  The lock is held once at the call and at the return, and free while a constructor
 * runs. */
int init_run(struct loader *ld, struct dso *d);

/* d's constructors are run by its own start code: only its destructors are the loader's. */
void init_adopt(struct dso *d);

/* With the lock held, which is free while one runs: destructors of the objects that dlclose has
 * found unused. */
void init_fini_closing(struct loader *ld);

/* With the lock held: waits until somebody else's constructors or dlclose are done, or says so. */
void init_wait(struct loader *ld);
void init_wake(void);
/* In a forked child: nobody waits. */
void init_after_fork(void);

/* Destructors of every object whose constructors have finished, in the reverse order; at exit. */
void init_fini_all(struct loader *ld);

#endif

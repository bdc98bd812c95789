/* init.h: constructors and destructors. */
#ifndef INIT_H
#define INIT_H

#include "state/loader.h"

/* Checks, after d's relocation, that its arrays of constructors and destructors hold addresses of
 * code.  Returns 0 or -1 (reported). */
int init_check(struct loader *ld, const struct dso *d);

/* The same for all objects, at start-up. */
int init_check_all(struct loader *ld);

/* Runs the constructors of everything that d needs and then of d that have not run yet, in the
 * libc's order.  The caller holds the lock once; it is released while a constructor runs.  Returns
 * 0 or -1 (reported). */
int init_run(struct loader *ld, struct dso *d);

/* Registers d's destructors only: its start code runs the constructors. */
void init_adopt(struct loader *ld, struct dso *d);

/* Runs the destructors of the objects that dlclose has found unused.  closed: the one that it was
 * called for, or NULL.  The caller holds the lock; it is released while a destructor runs. */
void init_fini_closing(struct loader *ld, struct dso *closed);

/* With the lock held: init_wait() waits until constructors or a dlclose of another thread have
 * finished, which init_wake() signals. */
void init_wait(struct loader *ld);
void init_wake(void);
/* In a forked child: resets the number of waiting threads. */
void init_after_fork(void);

/* Runs, at exit, the destructors of every object whose constructors have finished (or, where the
 * libc has it so, begun), in the libc's order. */
void init_fini_all(struct loader *ld);

#endif

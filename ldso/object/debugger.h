/* debugger.h: the interface to debuggers (System V ABI, "struct r_debug"; gdb's solib-svr4). */
#ifndef DEBUGGER_H
#define DEBUGGER_H

#include "state/loader.h"

/* The structure that DT_DEBUG points to, exported as _r_debug for a debugger that is started on the
 * loader itself. */
extern struct r_debug api_r_debug;

/* Appends d to its namespace's list of link maps, or removes it. */
void debugger_add(struct dso *d);
void debugger_remove(struct dso *d);

/* Moves d to the place before `to`. */
void debugger_move(struct dso *d, struct dso *to);

/* At start-up: fills in the structure, writes the program's DT_DEBUG, signals RT_ADD and lists all
 * objects. */
void debugger_start(struct loader *ld);

/* Tells the debugger that the list of objects is about to change (RT_ADD, RT_DELETE) or has
 * (RT_CONSISTENT). */
void debugger_state(int state);

#endif

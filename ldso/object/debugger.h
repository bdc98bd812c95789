/* debugger.h: the interface to debuggers (System V ABI, "struct r_debug"; gdb's solib-svr4). */
#ifndef DEBUGGER_H
#define DEBUGGER_H

#include "state/loader.h"

/* The structure that DT_DEBUG points to, exported as _r_debug for a debugger that is started on the
 * loader itself. */
extern struct r_debug api_r_debug;

/* The structure has been copied to n bytes in a writable segment of d (COPY).  From now on a program's
 * copy has the right r_state, as under glibc since 2.43. */
void debugger_copied(const struct dso *d, struct r_debug *copy, size_t n);

/* Appends d to its namespace's list of link maps, or removes it. */
void debugger_add(struct dso *d);
void debugger_remove(struct dso *d);

/* Moves d to the place before `to`. */
void debugger_move(struct dso *d, struct dso *to);

/* At start-up: fills in the structure, writes the program's DT_DEBUG, stops the debugger and lists all
 * objects; and at its end. */
void debugger_start(struct loader *ld);
void debugger_started(struct loader *ld);

/* The rest of the stops.  A dlopen that loads objects: before and after that, and when they are
 * relocated; d: the one that it is called for. */
void debugger_mapping(struct namespace *ns);
void debugger_map_failed(struct namespace *ns);
void debugger_mapped(struct dso *d);
void debugger_relocated(struct dso *d);

/* Objects of ns are unloaded. */
void debugger_unmapping(struct namespace *ns);
void debugger_unmapped(struct namespace *ns);

/* ns is freed. */
void debugger_forget(struct namespace *ns);

#endif

/* load.h: loads objects and all that they need. */
#ifndef LOAD_H
#define LOAD_H

#include "state/loader.h"

/* At start-up: the program, ld->program, and the libc that it names; its libraries are not loaded.
 * -1 (reported). */
int load_program(struct loader *ld);

/* The program can be entered.  -1 (reported) if not: e_entry is 0 in a file without an entry, such
 * as most libraries (gABI, "ELF Header"). */
int load_check_entry(struct loader *ld);

/* At start-up: what is preloaded, and all libraries that the program needs.  -1 if some are missing,
 * all of which are reported. */
int load_libraries(struct loader *ld);

/* The object of ns that `by` means by `name`: one that is loaded already, or a new one at the end
 * of the load order (mapped and decoded, its dependencies not yet loaded).  NULL with the reason
 * kept. */
struct dso *load_object(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* The object that `name` means if it is loaded already; NULL if not. */
struct dso *load_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* The first name that means a libc decides which it is; from then on that libc's names all mean it.
 */
void load_choose_abi(struct loader *ld, const char *name);

/* Loads, breadth-first, what every object from `from` on needs.  Goes on after a failure so that
 * all are reported; -1 then. */
int load_needed(struct loader *ld, struct dso *from);

#endif

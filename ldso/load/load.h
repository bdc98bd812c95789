/* load.h: loads objects and their dependencies. */
#ifndef LOAD_H
#define LOAD_H

#include "state/loader.h"

/* At start-up: creates ld->program and selects the libc ABI by the names in it; its libraries are
 * not loaded.  -1: reported. */
int load_program(struct loader *ld);

/* Checks that the program has an entry point: e_entry is 0 in a file without one, such as most
 * libraries (gABI, "ELF Header").  -1: reported. */
int load_check_entry(struct loader *ld);

/* At start-up: loads the preloaded libraries, and all that the program needs.  -1: some are
 * missing, and all of these are reported. */
int load_libraries(struct loader *ld);

/* Why an object is loaded, for LD_DEBUG=files. */
enum load_reason { LOAD_NEEDED, LOAD_OPENED };

/* The object of ns that `by` needs or opens as `name`: one that is loaded, or a new one at the end of
 * the load order (mapped and decoded; its dependencies are not loaded).  NULL: reported. */
struct dso *load_object(struct loader *ld, struct namespace *ns, const char *name, struct dso *by,
	enum load_reason reason);

/* The same if the object is loaded, else NULL: not reported, unless its file cannot be found. */
struct dso *load_find(struct loader *ld, struct namespace *ns, const char *name, struct dso *by);

/* Selects ld->abi if name is a libc's and none is selected yet. */
void load_choose_abi(struct loader *ld, const char *name);

/* Loads, breadth-first, the dependencies of all objects from `from` on in the load order.  -1: some
 * are missing, and all of these are reported. */
int load_needed(struct loader *ld, struct dso *from);

#endif

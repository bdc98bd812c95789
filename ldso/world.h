/* world.h: the one small interface between the loader and a libc.
 *
 * main.c picks one world by what the program needs; nobody else asks which it is, and what is
 * private to a libc never leaves its world.  free: no libc at all; musl: world/musl.c.
 */
#ifndef WORLD_H
#define WORLD_H

#include "search.h"
#include "symbol.h"

struct world {
	const char *name;

	/* Whether a DT_NEEDED or PT_INTERP name can only mean this world's libc; NULL: never. */
	bool (*claims)(const char *name);
	/* Whether, in this world, a name means the libc (musl's is also libpthread, libm ...);
	 * NULL: never. */
	bool (*is_libc)(const char *name);

	/* Policies of search and binding. */
	const char *default_path; /* directories when the configuration file names none */
	const char *path_file;    /* the configuration file; NULL: none */
	bool rpath_is_runpath;    /* musl: one and the same, inherited along needed_by */
	bool match_soname;        /* a loaded object also answers to its DT_SONAME */
	bool match_versions;      /* false: only hidden versions are skipped */
	bool settle_unique;       /* STB_GNU_UNIQUE is more than STB_GLOBAL */
	bool bind_lazily;         /* by default */
	bool preload_is_needed;   /* preloaded libraries count as the program's first DT_NEEDED */
	bool init_from_last;      /* constructors begin with the last object loaded (init.c) */
	bool dt_init;             /* DT_INIT and DT_FINI are called, not only the arrays */
	size_t tls_surplus;       /* bytes of static TLS kept for libraries opened later */

	/* Opens the file of the libc that `by` needs by `name`.  -1: reported. */
	int (*open_libc)(struct loader *ld, const char *name, struct dso *by, struct found *found);

	/* A symbol that no object defines (musl: LFS64 names); false: it stays undefined. */
	bool (*missing)(struct loader *ld, const char *name, struct def *def);
	/* A symbol that libc defines and the loader answers itself (the dl* family); 0: libc's own.
	 */
	uintptr_t (*divert)(struct loader *ld, const char *name);

	/* Everything but libc is relocated (COPY is not): makes the libc ready, and the thread
	 * pointer. */
	int (*boot)(struct loader *ld);
	/* The last step before the program's entry: constructors, unless the libc's own start calls
	 * for them.  May be NULL. */
	int (*start)(struct loader *ld);
	/* What the program's start code is to call at exit; NULL: the libc does it. */
	void (*run_finis)(void);

	/* Whether the loader runs d's constructors; NULL: always. */
	bool (*runs_constructors)(struct loader *ld, struct dso *d);

	/* Called before the first library is added at run time. */
	int (*before_dlopen)(struct loader *ld);
	/* The calling thread is about to get its first dynamic TLS block: see to it that they are
	 * freed. */
	int (*watch_thread)(struct loader *ld, void *tls_thread);
};

extern const struct world world_free, world_musl;

/* The world that a name means, or NULL. */
const struct world *world_of(const char *needed_or_interp);

#endif

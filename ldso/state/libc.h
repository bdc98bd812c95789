/* libc.h: what the loader and a libc expect of each other: struct libc_abi.
 *
 * load_choose_abi() picks one by the first name that means a libc, among PT_INTERP and the
 * DT_NEEDEDs.  The rest of the loader asks its fields and never which libc it is; what is private
 * to a libc stays in its folder: libc/none.c, libc/musl/, libc/glibc/.
 */
#ifndef LIBC_H
#define LIBC_H

#include "state/loader.h"

struct def;
struct found;

struct libc_abi {
	const char *name;

	/* Whether a DT_NEEDED or PT_INTERP name can only mean this world's libc; NULL: never. */
	bool (*claims)(const char *name);
	/* Whether, in this world, a name means the libc that open_libc() finds (musl's is also
	 * libpthread, libm ...); NULL: the libc is a library like others. */
	bool (*is_libc)(const char *name);
	/* Whether a name means the loader itself; NULL: never. */
	bool (*is_self)(const char *name);

	/* Policies of search and binding. */
	const char *not_found;    /* what is said of a library that is not there */
	const char *default_path; /* directories when the configuration file names none */
	const char *path_file;    /* the configuration file; NULL: none */
	const char *cache_file;   /* of ldconfig(8), asked before those directories; NULL: none */
	const char *preload_file; /* libraries to load before all others; NULL: none */
	bool hwcaps;              /* glibc-hwcaps is looked at in each directory */
	/* What $PLATFORM stands for; NULL: the kernel's AT_PLATFORM. */
	const char *(*platform)(struct loader *ld);
	bool rpath_is_runpath;  /* musl: one and the same, inherited along needed_by */
	bool match_soname;      /* a loaded object also answers to its DT_SONAME */
	bool match_versions;    /* false: only hidden versions are skipped */
	bool unique_symbols;    /* STB_GNU_UNIQUE is more than STB_GLOBAL */
	bool bind_lazily;       /* by default */
	bool preload_is_needed; /* preloaded libraries count as the program's first DT_NEEDED */
	bool init_from_last;    /* constructors begin with the last object loaded (init.c) */
	bool runs_preinit; /* the loader calls DT_PREINIT_ARRAY (or else libc does, or nobody) */
	bool dt_init;      /* DT_INIT and DT_FINI are called, not only the arrays */
	bool noload_fails; /* RTLD_NOLOAD of what is not loaded is an error, not only NULL */
	bool calls_clear_error; /* dlerror forgets its text with each call that succeeds */
	bool serial_callbacks;  /* of dl_iterate_phdr: libgcc's unwinder counts on it */
	bool unloads;           /* dlclose gives back what nobody uses */
	bool program_nameless;  /* in link_map, and to dl_iterate_phdr */
	bool vdso_second;       /* in the load order; otherwise it is the last */
	size_t tls_surplus;     /* bytes of static TLS kept for libraries opened later */

	/* A libc that relocates itself and that every program has: opens its file, which `by` needs
	 * by `name`.  -1: reported. */
	int (*open_libc)(struct loader *ld, const char *name, struct dso *by, struct found *found);

	/* A symbol that no object defines (musl: LFS64 names); false: it stays undefined. */
	bool (*fallback_symbol)(struct loader *ld, const char *name, struct def *def);
	/* A symbol that libc defines and the loader answers itself (the dl* family); 0: libc's own.
	 */
	uintptr_t (*override)(struct loader *ld, const char *name);

	/* All libraries are loaded, none is relocated: what the libc's tables need. */
	int (*prepare)(struct loader *ld);
	/* At run time, before a new object joins the load order, and when it goes: the libc's view
	 * of it. */
	int (*describe)(struct loader *ld, struct dso *d);
	void (*forget)(struct loader *ld, struct dso *d);

	/* What IFUNC resolvers of the objects that ifuncs_by_cpu() accepts go by, and nothing else,
	 * in one number.  NULL: there are none. */
	uint64_t (*cpu_key)(struct loader *ld);
	/* What the processor has said of itself, as bytes for another process on the same one:
	 * asking takes long.  That one takes them for the answers, if it is the same.  NULL: nobody
	 * asks. */
	size_t (*processor)(const void **answers);
	bool (*recall_processor)(const void *answers, size_t n);
	bool (*ifuncs_by_cpu)(const struct dso *d);

	/* --list-tunables: prints them, of the libc that a program would get.  NULL: it has none.
	 */
	int (*list_tunables)(struct loader *ld);

	/* The modules of start-up have their static TLS: what the libc itself wants there. */
	void (*place_tls)(struct loader *ld);
	/* The static TLS is laid out, plain relocations are done: the first thread, where IFUNC
	 * resolvers are to find a thread pointer. */
	int (*make_thread)(struct loader *ld);
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
	/* d, opened at run time, wants executable stacks: -1 (reported) if it can't have them. */
	int (*need_exec_stack)(struct loader *ld, const struct dso *d);
	/* d, opened at run time, is relocated; its constructors have not run. */
	int (*ready)(struct loader *ld, struct dso *d);
	/* Whether d must not be unloaded yet. */
	bool (*is_held)(const struct dso *d);
	/* d, opened at run time, has got a place in the static TLS area: its image goes to every
	 * thread there is.  NULL: nobody knows the threads; tls.c does what can be done. */
	int (*start_static_tls)(struct loader *ld, struct dso *d);
	/* A thread's table of blocks has moved (dtv; TLS ABI 3.4); NULL: nobody else reads it. */
	void (*publish_dtv)(uintptr_t thread_pointer, struct tls_dtv *dtv);
};

/* Each libc announces itself, so that a machine may lack one. */
#define LIBC_ABI(name)                                                                             \
	static const struct libc_abi *const name##_entry                                           \
		__attribute__((section("libc_abis"), used)) = &(name)

/* The one of programs without a libc, which claims no name: what holds until a name decides. */
const struct libc_abi *abi_default(void);

/* All of them, in the order of linking; NULL behind the last. */
const struct libc_abi *abi_at(size_t i);

/* The libc that a name means, or NULL. */
const struct libc_abi *abi_of(const char *needed_or_interp);

#endif

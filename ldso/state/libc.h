/* libc.h: the contract between the loader and a libc: struct libc_abi.
 *
 * load_choose_abi() selects one by the first libc name among PT_INTERP and the DT_NEEDEDs.  The
 * rest of the loader reads its fields and never tests which libc it is; what is private to a libc
 * stays in its folder: libc/none.c, libc/musl/, libc/glibc/.
 */
#ifndef LIBC_H
#define LIBC_H

#include "state/loader.h"

struct def;
struct words;
struct found;

/* Where a libc's own loader searches by default. */
struct libc_paths {
	const char *directories; /* separated by colons; when the configuration file names none */
	const char *lib;         /* what $LIB stands for */
};

/* Those of Debian's glibc. */
#define DEBIAN_LIB   "lib/" ARCH_MULTIARCH
#define DEBIAN_PATHS "/" DEBIAN_LIB ":/usr/" DEBIAN_LIB ":/lib:/usr/lib", DEBIAN_LIB

struct libc_abi {
	const char *name;

	/* Whether a DT_NEEDED or PT_INTERP name can only mean this libc; NULL: never. */
	bool (*claims)(const char *name);
	/* Once this libc is chosen: whether a name means the file that open_libc() finds (musl's is
	 * also libpthread, libm ...); NULL: the libc is found like any library. */
	bool (*is_libc)(const char *name);
	/* Whether a name means the loader itself; NULL: never. */
	bool (*is_self)(const char *name);

	/* Policies of search and binding. */
	const struct words *words; /* what its own loader says of failures */
	struct libc_paths paths;   /* unless find_paths() knows better */
	const char *path_file;     /* the configuration file; NULL: none */
	const char *cache_file; /* of ldconfig(8), searched before those directories; NULL: none */
	const char *preload_file; /* libraries to load before all others; NULL: none */
	bool hwcaps;              /* glibc-hwcaps is searched in each directory */
	/* Where this system's files of the libc say that it searches, asked for at the first search that
	 * depends on it, and before the libc itself is known; NULL: they don't say (not reported). */
	const struct libc_paths *(*find_paths)(struct loader *ld);
	/* What $PLATFORM stands for; NULL: the kernel's AT_PLATFORM. */
	const char *(*platform)(struct loader *ld);
	bool rpath_is_runpath;   /* musl: both are treated alike and inherited along needed_by */
	bool match_names;        /* a loaded object answers to its path, its DT_SONAME and all names
				   that it was found by; false: to the first, if that is no path */
	bool filters;            /* DT_FILTER and DT_AUXILIARY are obeyed */
	bool check_isa;          /* objects' notes of the processor's level are heeded */
	bool match_versions;     /* false: only hidden versions are skipped */
	bool looks_up_protected; /* a protected symbol may be bound to another object's */
	bool copy_warnings;  /* COPY of a variable that is larger than when the program was linked,
				   or of a protected one, is told on standard error */
	bool unique_symbols; /* STB_GNU_UNIQUE is honoured, not treated as STB_GLOBAL */
	bool bind_lazily;    /* by default */
	bool preload_is_needed; /* preloaded libraries count as the program's first DT_NEEDED */
	bool init_from_last;    /* constructors begin with the last object loaded (sequence.c) */
	bool fini_unfinished;   /* destructors run even if exit() was called in a constructor */
	bool runs_preinit;      /* the loader calls DT_PREINIT_ARRAY; otherwise the libc may */
	bool dt_init;           /* DT_INIT and DT_FINI are called, not only the arrays */
	bool noload_fails; /* RTLD_NOLOAD of an object that is not loaded sets dlerror's text */
	bool calls_clear_error; /* each dl* call that succeeds clears dlerror's text */
	bool serial_callbacks;  /* dl_iterate_phdr's are never concurrent: libgcc relies on it */
	bool next_by_needs;     /* RTLD_NEXT searches the scope that brought the caller, even if the
				   caller is in the global one */
	bool unloads;           /* dlclose unloads objects that are no longer used */
	bool program_nameless;  /* the program's name is "" in link_map and dl_iterate_phdr */
	bool vdso_second;       /* in the load order; otherwise it is the last */
	bool opens_descriptors; /* in secure mode the libc itself opens 0 to 2 if they are closed */
	size_t tls_surplus;     /* bytes of static TLS reserved for libraries opened later */

	/* Of a libc that relocates itself and that every program has: opens its file, which `by`
	 * needs as `name`.  -1: reported.  NULL: the libc is a library like others. */
	int (*open_libc)(struct loader *ld, const char *name, struct dso *by, struct found *found);

	/* Supplies a definition of a symbol that no object defines (musl: LFS64 names); false: it
	 * stays undefined. */
	bool (*fallback_symbol)(struct loader *ld, const char *name, struct def *def);
	/* The loader's replacement for a symbol that libc defines (the dl* family); 0: none. */
	uintptr_t (*override)(struct loader *ld, const char *name);

	/* Called when the libraries are loaded, even if some are missing, and for --verify: finds out which
	 * build the libc is.  If the loader does not know that build, libc's own loader takes over; it
	 * returns 1 if nothing is to be run now, and libc's own loader would run it (reported); -1: reported.
	 * NULL: the loader knows all builds. */
	int (*identify)(struct loader *ld);
	/* Called when all libraries are loaded and none is relocated: prepares the libc's
	 * tables. */
	int (*prepare)(struct loader *ld);
	/* The same before any library is loaded, for auditors; libc: the one that the program will
	 * probably have, which is unloaded afterwards.  prepare() is called later as well.  NULL: the
	 * libc's programs have no auditors. */
	int (*prepare_for_auditors)(struct loader *ld, struct dso *libc);
	/* Called before a new object joins the load order at run time, and before it is unmapped:
	 * keeps the libc's own record of it. */
	int (*describe)(struct loader *ld, struct dso *d);
	void (*forget)(struct loader *ld, struct dso *d);

	/* A hash of everything that the IFUNC resolvers of objects for which ifuncs_by_cpu() holds
	 * depend on.  NULL: there are no such objects. */
	uint64_t (*cpu_key)(struct loader *ld);
	/* The CPUID results that were read, for a later process to reuse, since CPUID is slow;
	 * recall_processor() adopts them if this is the same processor.  NULL: CPUID is not
	 * used. */
	size_t (*processor)(const void **answers);
	bool (*recall_processor)(const void *answers, size_t n);
	bool (*ifuncs_by_cpu)(const struct dso *d);

	/* --list-tunables: prints the libc's tunables.  NULL: it has none. */
	int (*list_tunables)(struct loader *ld);
	/* --list-glibc: prints the builds of the libc that the loader knows, or (file not NULL) which of
	 * them a file is.  0; 1: none of them; -1: reported. */
	int (*list_builds)(struct loader *ld, const char *file);

	/* --learn-glibc: finds out the layout of the build that a file, or the directory that has it, is,
	 * and writes what it has found to `out` (NULL: where starts look for it).  0; -1: reported.  NULL:
	 * there is nothing to learn of this libc. */
	int (*learn_build)(struct loader *ld, const char *file, const char *out);

	/* Reserves the libc's own part of the static TLS area, after the modules of start-up. */
	void (*place_tls)(struct loader *ld);
	/* Sets up the first thread, so that IFUNC resolvers find a thread pointer: the static TLS
	 * is laid out, plain relocations are done. */
	int (*make_thread)(struct loader *ld);
	/* Initialises the libc, and the thread pointer unless make_thread() did: everything but the
	 * libc is relocated, except COPY. */
	int (*boot)(struct loader *ld);
	/* The last step before the program's entry: runs the constructors, unless the libc's own
	 * start-up code does.  May be NULL. */
	int (*start)(struct loader *ld);
	/* The function that the program's start code registers with atexit; NULL: none, the libc
	 * runs the destructors. */
	void (*run_finis)(void);

	/* Whether the loader runs d's constructors; NULL: always. */
	bool (*runs_constructors)(struct loader *ld, struct dso *d);

	/* Called at the beginning of each dlopen, without the lock. */
	int (*before_dlopen)(struct loader *ld);
	/* Arranges for the calling thread's dynamic TLS blocks to be freed when it ends; called
	 * before it gets the first one. */
	int (*watch_thread)(struct loader *ld, void *tls_thread);
	/* Makes all stacks executable, as d, opened at run time, requires.  -1: reported. */
	int (*need_exec_stack)(struct loader *ld, const struct dso *d);
	/* Called when d, opened at run time, is relocated and its constructors have not run. */
	int (*ready)(struct loader *ld, struct dso *d);
	/* Whether d must not be unloaded yet. */
	bool (*is_held)(const struct dso *d);
	/* Copies the TLS image of d, opened at run time, to its place in the static area of every
	 * thread.  NULL: the threads are unknown; see check_unknown_threads() in tls/. */
	int (*start_static_tls)(struct loader *ld, struct dso *d);
	/* The program's malloc() and free(), which blocks and dtvs come from once the program's code
	 * runs, as with the libc's own loader: leak checkers look for pointers in what malloc()
	 * has returned.  Called without the lock.  NULL: the loader's heap. */
	void *(*allocate)(size_t n);
	void (*release)(void *memory);
	/* Tells the libc that a thread's dtv has moved (TLS ABI 3.4); NULL: it does not read it. */
	void (*publish_dtv)(uintptr_t thread_pointer, struct tls_dtv *dtv);
};

/* Registers a libc in the section that abi_at() reads, so that a machine may lack one. */
#define LIBC_ABI(name)                                                                             \
	static const struct libc_abi *const name##_entry                                           \
		__attribute__((section("libc_abis"), used)) = &(name)

/* The ABI of programs without a libc: it claims no name, and holds until a name decides. */
const struct libc_abi *abi_default(void);

/* The i-th registered libc, in link order; NULL past the last. */
const struct libc_abi *abi_at(size_t i);

/* The libc that claims a name, or NULL. */
const struct libc_abi *abi_of(const char *needed_or_interp);

/* Whether a name is that of glibc's libc, of which this machine's loader has no ABI. */
bool abi_is_unsupported(const char *needed);

#endif

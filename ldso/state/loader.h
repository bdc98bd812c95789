/* loader.h: the loader's whole state, in one struct that is passed down.
 *
 * A process has one struct loader (loader.c's); tests create their own.  After start-up the dl*
 * functions, the PLT resolver and __tls_get_addr read it, and change it only under `lock`.
 */
#ifndef LOADER_H
#define LOADER_H

#include "base/errno_text.h"
#include "base/format.h"
#include "base/sys.h"
#include "memory/alloc.h"
#include "state/config.h"
#include "state/diag.h"
#include "state/dso.h"
#include "vm/area.h"

struct scope_hash;
struct bindings;
struct hwcaps;
struct places;
struct search_trace;
struct libc_abi;
struct auditing;
struct libc_paths;

/* An element of a dtv, in the layout that glibc's libc and libthread_db expect: [-1] holds the
 * number of elements, [0] their generation. */
struct tls_dtv {
	union {
		void *block;
		size_t count;
	};
	void *to_free; /* the memory of a block that was made at run time */
};

#define TLS_NO_BLOCK ((void *)-1)

struct tls_module {
	struct dso *dso;   /* NULL: free */
	size_t generation; /* of the last change */
	bool has_blocks;   /* some thread has a block of it: it can no longer become static */
};

/* The loader's per-thread state, in each thread's static area; initially zero. */
struct tls_thread {
	struct tls_dtv *dtv;           /* by module id; NULL until first used */
	struct tls_thread *next, **at; /* libc/glibc/thread.c: list of all threads */
	size_t reach;                  /* bytes of the static area that the thread has */
	bool linked;
	bool growing;    /* tls/blocks.c: its dtv is being replaced */
	unsigned rounds; /* libc/musl/musl_dl.c: calls of the thread-specific data destructor */
	char *error;     /* dlerror's text, from the heap */
	size_t error_room;
	bool error_set; /* an error was set since the last dlerror() */
};

struct tls {
	struct tls_module *modules; /* by module id; [0] unused */
	size_t count, room, gaps;
	size_t generation; /* counts changes of modules since start-up */
	size_t size;       /* of the static area so far, including the TCB gap of variant I */
	size_t align;      /* the largest alignment in it */
	ptrdiff_t slot;    /* offset of struct tls_thread from the thread pointer */
	size_t surplus_start,
		surplus_end; /* part of the static area reserved for libraries opened later */
	unsigned tasks;      /* the kernel's task count while there was one thread; 0: not read */
	char *image;         /* the static area of a new thread is copied from here ... */
	size_t image_filesz; /* ... this many bytes */
	bool live;           /* the thread pointer is set */
	struct tls_dtv *initial_dtv; /* the first thread's first one, which is never freed */
	struct tls_thread early;     /* the first thread's state until then */
};

/* A recursive mutex. */
struct lock {
	/* loader_thread() of the holder, and whether there may be waiters; 0: free */
	uintptr_t holder;
	unsigned depth; /* how often the holder has taken it again */
	int releases;   /* futex: counts releases while there were waiters */
};

/* The phase of the process. */
enum phase {
	PHASE_LOADING,  /* objects are being loaded */
	PHASE_LAID_OUT, /* all are loaded and relocated; the static TLS area is fixed except for its
			   surplus */
	PHASE_RUNNING,  /* the program's code runs, or that of auditors, which run before its
			   libraries are loaded: there may be threads and signal handlers */
	PHASE_EXITING,  /* destructors are running or have run */
};

/* In what the versions of a libc's loader differ. */
struct version_rules {
	/* The order of constructors and destructors (init/sequence.c). */
	bool by_moving;    /* glibc up to 2.34; glibc.rtld.dynamic_sort=1 */
	bool closed_first; /* glibc from 2.39 on: the object that dlclose is called for is the first */
	/* The program's direct references to protected symbols are told of (reloc/protected.c): glibc
	 * from 2.36 on. */
	bool tells_protected;
	unsigned audit_interface; /* LAV_CURRENT of <link.h> */
	/* glibc from 2.40 on: auditors hear that a dlopen is complete when it is relocated, and that a
	 * dlclose begins before the first object is closed. */
	bool audits_whole_change;
};

/* What the time of a start is spent on. */
enum work { WORK_OTHER, WORK_LOAD, WORK_RELOCATE, WORKS };

/* What LD_DEBUG=statistics counts; the times only with it. */
struct statistics {
	unsigned long lookups, relocations, relative, lazy_bindings;
	uint64_t time[WORKS]; /* of arch_ticks() */
	uint64_t since;       /* when the current work began */
	enum work work;
};

/* A library that was not found, while the libraries are only listed. */
struct missing {
	struct missing *next;
	const char *name;
	const struct dso *after; /* the last of the load order then */
};

struct loader {
	struct config config;
	struct vm vm;
	struct arena permanent, scratch, writable, fixed;
	struct heap heap; /* over writable memory */
	struct heap
		tables; /* over fixed memory: what only makes lookups faster, so that dlsym, dladdr
			       and lazy binding make no system call */
	struct diag diag;
	struct lock lock;
	const struct libc_abi *abi;
	struct version_rules version_rules;
	enum phase phase;

	/* Objects. */
	struct dso *self, *program, *vdso;
	struct dso *first, *last;      /* load order, of all namespaces */
	struct dso *startup_last;      /* last object of start-up; NULL until start-up is over */
	struct namespace base;         /* the program's; head of the list of namespaces */
	unsigned long long adds, subs; /* objects ever added, removed: dl_iterate_phdr's counters */
	unsigned readers;              /* calls of dl_iterate_phdr in progress */
	struct dso *dead;              /* closed objects that a reader may still refer to */

	struct tls tls;
	char ***environ; /* the libc's variable; NULL: constructors get the initial environment */
	bool may_dlopen; /* the program may call dlopen */
	bool libc_allocates;        /* the libc ABI's allocate() and release() can be called */
	enum fstat_call fstat_call; /* that the libc's own loader looks at libraries by */
	struct statistics statistics;

	/* Each may be NULL. */
	struct scope_hash *scope_hash;   /* of the scope that is being relocated */
	struct search_trace *trace;      /* of the start that is being recorded */
	const struct bindings *bindings; /* known definitions, and where new ones are recorded */
	struct missing *missing;         /* load.c: libraries that --list did not find */
	struct places *places;           /* what the search has learnt about directories */
	struct hwcaps *hwcaps;           /* the processor's */
	const struct auditing *auditing; /* what tells auditors; NULL: there are none */
	const struct libc_paths *paths;  /* the libc's own, once something has asked for them */
};

/* The loader of this process. */
extern struct loader loader;

/* Initialises configuration, memory and diagnostics.  stack: the kernel's initial stack; entry: the
 * loader's own entry point. */
void loader_init(struct loader *ld, uintptr_t *stack, uintptr_t entry);

/* The exit code of a process whose loader fails. */
#define EXIT_LOADER 127

/* Prints all reported messages and exits with EXIT_LOADER: for main.c and cli/. */
_Noreturn void loader_die(const struct loader *ld);

/* Whether the program's code may run. */
static inline bool loader_is_running(const struct loader *ld)
{
	return ld->phase >= PHASE_RUNNING;
}

/* lock.c: acquires and releases any lock for the thread `me` (loader_thread()). */
void lock_take(struct lock *l, uintptr_t me);
void lock_give_back(struct lock *l);
bool lock_is_held(const struct lock *l, uintptr_t me);

/* Acquire and release the loader's lock, which is recursive. */
void loader_lock(struct loader *ld);
void loader_unlock(struct loader *ld);
/* Waits for the lock for a moment only; whether it was acquired. */
bool loader_try_lock(struct loader *ld);
bool loader_is_locked(const struct loader *ld); /* by the calling thread */
/* false: this call, once the program runs, does not hold the lock, or it comes from a signal handler
 * that has interrupted another call of the same thread.  What others change may be half done: only
 * what is published by single stores may be read (the load order, scopes, the table of TLS modules,
 * the index of unwinders), and nothing that is shared may be changed. */
bool loader_may_change(const struct loader *ld);
/* Around a call of code that is not the loader's, perhaps with the lock held: calls from there are
 * not taken for a signal handler's.  begin returns the argument of end. */
unsigned loader_begin_foreign(const struct loader *ld);
void loader_end_foreign(const struct loader *ld, unsigned before);

/* Called around a fork, in the forking thread, so that the child finds the lock free and the state
 * consistent. */
void loader_before_fork(struct loader *ld);
void loader_after_fork(struct loader *ld);
/* Whether the calling thread is between these two. */
bool loader_is_forking(void);

/* v rounded down, and up, to a page boundary. */
static inline uintptr_t loader_page_down(const struct loader *ld, uintptr_t v)
{
	return v & -ld->config.page;
}

static inline uintptr_t loader_page_up(const struct loader *ld, uintptr_t v)
{
	return (v + ld->config.page - 1) & -ld->config.page;
}

/* A number that identifies the calling thread: the thread pointer, or 2 before it is set.  Even. */
static inline uintptr_t loader_thread(const struct loader *ld)
{
	return ld->tls.live ? arch_thread_pointer() : 2;
}

/* Records the reason of a failure; returns -1. */
#define fail(ld, ...) diag_fail(&(ld)->diag, __VA_ARGS__)

/* Adds what else there is to say to the reason that was recorded last; returns -1. */
#define fail_further(ld, ...) diag_add(&(ld)->diag, __VA_ARGS__)

#define debug(ld, what, ...)                                                                       \
	do {                                                                                       \
		if ((ld)->diag.debug & (what))                                                     \
			diag_debug(&(ld)->diag, __VA_ARGS__);                                      \
	} while (0)

#endif

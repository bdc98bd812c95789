/* loader.h: the loader's whole state, in one struct that is passed down.
 *
 * A process has one struct loader (loader.c's); tests create their own.  After start-up the dl*
 * functions, the PLT resolver and __tls_get_addr read it, and change it only under `lock`.
 */
#ifndef LOADER_H
#define LOADER_H

#include "base/errno_text.h"
#include "base/format.h"
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

/* An element of a dtv, in the layout that glibc's libc and libthread_db expect: [-1] holds the
 * number of elements, [0] their generation. */
struct tls_dtv {
	union {
		void *block;
		size_t count;
	};
	void *to_free; /* for the libc; the loader leaves it NULL */
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
	struct tls_block *own;         /* its dynamically allocated blocks */
	struct tls_thread *next, **at; /* libc/glibc/thread.c: list of all threads */
	size_t reach;                  /* bytes of the static area that the thread has */
	bool linked;
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
	struct tls_thread early; /* the first thread's state until then */
};

/* struct r_debug of <link.h>: what a debugger reads. */
struct r_debug {
	int r_version;
	struct link_map *r_map;
	uintptr_t r_brk;
	enum { RT_CONSISTENT, RT_ADD, RT_DELETE } r_state;
	uintptr_t r_ldbase;
};

/* A recursive mutex. */
struct lock {
	int word;        /* futex: 0 free, 1 taken, 2 taken with waiters */
	uintptr_t owner; /* thread pointer */
	unsigned depth;
};

/* The phase of the process. */
enum phase {
	PHASE_LOADING,  /* objects are being loaded */
	PHASE_LAID_OUT, /* all are loaded and relocated; the static TLS area is fixed except for its
			   surplus */
	PHASE_RUNNING,  /* the program's code runs: there may be threads and signal handlers */
	PHASE_EXITING,  /* destructors are running or have run */
};

/* In what the versions of glibc differ about the order of constructors and destructors
 * (init/sequence.c). */
struct init_rules {
	bool by_moving;    /* up to 2.34; glibc.rtld.dynamic_sort=1 */
	bool closed_first; /* from 2.39 on: the object that dlclose is called for is the first */
};

/* What LD_DEBUG=statistics counts. */
struct statistics {
	unsigned long lookups, relocations, lazy_bindings;
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
	struct arena permanent, scratch, writable;
	struct heap heap; /* over writable memory */
	struct diag diag;
	struct lock lock;
	const struct libc_abi *abi;
	struct init_rules init_rules;
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
	struct statistics statistics;

	/* Each may be NULL. */
	struct scope_hash *scope_hash;   /* of the scope that is being relocated */
	struct search_trace *trace;      /* of the start that is being recorded */
	const struct bindings *bindings; /* known definitions, and where new ones are recorded */
	struct missing *missing;         /* load.c: libraries that --list did not find */
	struct places *places;           /* what the search has learnt about directories */
	struct hwcaps *hwcaps;           /* the processor's */
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

/* Acquire and release the loader's lock, which is recursive. */
void loader_lock(struct loader *ld);
void loader_unlock(struct loader *ld);
/* Blocks signals until the lock is released: called before the registry, the heap, a scope or the
 * load order changes. */
void loader_block_signals(struct loader *ld);

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

/* A number that identifies the calling thread: the thread pointer, or 1 before it is set. */
static inline uintptr_t loader_thread(const struct loader *ld)
{
	return ld->tls.live ? arch_thread_pointer() : 1;
}

/* Records the reason of a failure; returns -1. */
#define fail(ld, ...) diag_fail(&(ld)->diag, __VA_ARGS__)

#define debug(ld, what, ...)                                                                       \
	do {                                                                                       \
		if ((ld)->diag.debug & (what))                                                     \
			diag_debug(&(ld)->diag, __VA_ARGS__);                                      \
	} while (0)

#endif

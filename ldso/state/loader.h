/* loader.h: the loader's whole state, in one struct that is passed down.
 *
 * There is one struct loader in a process (main.c's); tests make as many as they like.  After
 * start-up it is read by the dl* functions, the PLT resolver and __tls_get_addr, under `lock`
 * wherever they change anything.
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

/* An element of a dtv, in the form that glibc's libthread_db and libc know: [-1] holds how many
 * elements there are, [0] the generation that they are of. */
struct tls_dtv {
	union {
		void *block;
		size_t count;
	};
	void *to_free; /* libc's; always NULL here */
};

#define TLS_NO_BLOCK ((void *)-1)

struct tls_module {
	struct dso *dso;   /* NULL: free */
	size_t generation; /* of the last change */
	bool has_blocks;   /* threads have blocks of it: it can't become static any more */
};

/* The loader's own words in each thread's static area; zero at first. */
struct tls_thread {
	struct tls_dtv *dtv;           /* by module id; NULL until there is a need */
	struct tls_block *own;         /* those made for this thread alone */
	struct tls_thread *next, **at; /* libc/glibc/thread.c: of all threads */
	size_t reach;                  /* bytes of the static area that the thread has */
	bool linked;
	unsigned rounds; /* world/musl_dl.c: how often the thread's destructor was called */
	char *error;     /* dlerror's text, from the heap */
	size_t error_room;
	bool error_set; /* since the last dlerror() */
};

struct tls {
	struct tls_module *modules; /* by module id; [0] unused */
	size_t count, room, gaps;
	size_t generation; /* counts changes of modules since start-up */
	size_t size;       /* of the static area so far, gap included */
	size_t align;      /* the largest alignment in it */
	ptrdiff_t slot; /* our own per-thread struct tls_thread lies here from the thread pointer */
	size_t surplus_start,
		surplus_end; /* part of the static area kept for libraries opened later */
	unsigned tasks;      /* the kernel's count before there were any threads; 0: not asked */
	char *image;         /* what the static area of a new thread is copied from: */
	size_t image_filesz; /* so many bytes of it */
	bool live;           /* the thread pointer is set */
	struct tls_thread alone; /* used until then */
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

/* How far a start has come, and the process. */
enum phase {
	PHASE_LOADING,  /* objects come in */
	PHASE_LAID_OUT, /* all are loaded and relocated; the static TLS area is fixed but for its
			   surplus */
	PHASE_RUNNING,  /* code that is not the loader's runs: there may be threads and handlers */
	PHASE_EXITING,  /* destructors run, or have */
};

/* What LD_DEBUG=statistics counts. */
struct statistics {
	unsigned long lookups, relocations, lazy_bindings;
};

struct loader {
	struct config config;
	struct vm vm;
	struct arena permanent, scratch, writable;
	struct heap heap; /* over writable memory */
	struct diag diag;
	struct lock lock;
	const struct libc_abi *abi;
	enum phase phase;

	/* Objects. */
	struct dso *self, *program, *vdso;
	struct dso *first, *last; /* load order, of all namespaces */
	struct dso
		*settled; /* the last of start-up: those behind it were opened.  NULL: not over */
	struct namespace base;         /* the program's; others behind it */
	unsigned long long adds, subs; /* objects ever added, removed: dl_iterate_phdr's counters */
	unsigned readers;              /* calls of dl_iterate_phdr under way */
	struct dso *dead;              /* closed objects that one of them may still look at */

	struct tls tls;
	char ***environ; /* the libc's variable; NULL: constructors get what the process was given */
	bool may_dlopen; /* something was bound to dlopen */
	struct statistics statistics;

	/* NULL where there is none. */
	struct scope_hash *scope_hash;   /* of the scope that is relocated */
	struct search_trace *trace;      /* of the start that is recorded */
	const struct bindings *bindings; /* that relocation asks */
	struct places *places;           /* what the search knows of directories */
	struct hwcaps *hwcaps;           /* of the processor */
};

/* The process' loader. */
extern struct loader loader;

/* At the entry: reads what the process was given, and has memory and diagnostics ready.  entry is
 * the loader's own. */
void loader_init(struct loader *ld, uintptr_t *stack, uintptr_t entry);

/* What the process exits with when the loader cannot go on. */
#define EXIT_LOADER 127

/* Prints what was reported and ends the process: for main.c and cli/. */
_Noreturn void loader_die(const struct loader *ld);

/* Whether code that is not the loader's has run. */
static inline bool loader_is_running(const struct loader *ld)
{
	return ld->phase >= PHASE_RUNNING;
}

/* lock.c: any lock, by the thread `me` (loader_thread()). */
void lock_take(struct lock *l, uintptr_t me);
void lock_give_back(struct lock *l);

/* The loader's lock, recursive. */
void loader_lock(struct loader *ld);
void loader_unlock(struct loader *ld);
/* Before the registry, the heap, a scope or the load order changes; until the lock is given back.
 */
void loader_block_signals(struct loader *ld);

/* Around a fork, in the thread that forks: the child finds the lock free and what it guards whole.
 */
void loader_before_fork(struct loader *ld);
void loader_after_fork(struct loader *ld);
/* Whether this thread is between these two. */
bool loader_is_forking(void);

/* Page bounds at or below v, and at or above it. */
static inline uintptr_t loader_page_down(const struct loader *ld, uintptr_t v)
{
	return v & -ld->config.page;
}

static inline uintptr_t loader_page_up(const struct loader *ld, uintptr_t v)
{
	return (v + ld->config.page - 1) & -ld->config.page;
}

/* A number that tells threads apart: the thread pointer, or 1 while there is none. */
static inline uintptr_t loader_thread(const struct loader *ld)
{
	return ld->tls.live ? arch_thread_pointer() : 1;
}

/* Keeps the reason of a failure; -1. */
#define fail(ld, ...) diag_fail(&(ld)->diag, __VA_ARGS__)

#define debug(ld, what, ...)                                                                       \
	do {                                                                                       \
		if ((ld)->diag.debug & (what))                                                     \
			diag_debug(&(ld)->diag, __VA_ARGS__);                                      \
	} while (0)

#endif

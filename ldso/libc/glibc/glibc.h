/* glibc.h: declarations for the files of this folder.
 *
 *	glibc.c    struct libc_abi: names, rules, the steps of a start
 *	global.c   _rtld_global and _rtld_global_ro, which libc.so.6 reads in place of ld.so's
 *	linkmap.c  glibc's struct link_map for each object, and the list of TLS modules
 *	thread.c   the first thread's control block; static TLS of all threads; stacks
 *	hooks.c    the dl* functions as libc.so.6 calls them; other private functions
 *	layout.c   which build of libc.so.6 this is
 *	layout_file.c  layouts that were learnt; x86_64/learn/learn.c learns them
 *	tables.c   the offsets and tunables of each build
 *	unlisted.c what the ld-linux file says of a build that has no row in the tables
 *	system_loader.c  hands a program with an unknown build to that ld-linux
 *	ldlinux.c  reads that file; ldlinux_tunables.c its list of tunables
 *	tunables.c GLIBC_TUNABLES
 *	machine.h  what is the machine's own
 *	x86_64/    the same for one machine: struct cpu_features; the tables' rows
 *
 * libc.so.6 is an ordinary library here.  It finds the loader's data and functions by the symbols
 * that ld-linux would export, and is made to believe that a static program's dlopen has loaded it:
 * then its own dlopen, and all code of it that loads libraries, calls a table of functions that the
 * static program provides (_dl_dlfcn_hook).
 */
#ifndef GLIBC_H
#define GLIBC_H

#include "libc/glibc/layout.h"
#include "state/loader.h"

#define EXPORTED __attribute__((visibility("default")))
/* Exports data under another name, so that the loader's own references cannot be interposed. */
#define EXPORT_AS(exported, own)                                                                   \
	extern __typeof(own) exported __attribute__((alias(#own), visibility("default")))

struct glibc {
	const struct glibc_build *build;
	const struct glibc_layout *layout; /* build's */
};

extern struct glibc glibc;

/* global.c: _rtld_global and _rtld_global_ro, at the layout's offsets, and more that ld.so exports.
 */
enum { GLIBC_GLOBAL_ROOM = 6144, GLIBC_GLOBAL_RO_ROOM = 1280 }; /* larger than any build's */
extern unsigned char glibc_global[], glibc_global_ro[];
extern void *glibc_stack_end;
extern uintptr_t glibc_pointer_guard;

/* Sets a field of the structure at `at`, unless this build has no such field. */
static inline void glibc_put(void *at, uint16_t offset, uintptr_t value)
{
	if (offset != GLIBC_NONE)
		*(uintptr_t *)((char *)at + offset) = value;
}

static inline void glibc_put_int(void *at, uint16_t offset, int value)
{
	if (offset != GLIBC_NONE)
		*(int *)((char *)at + offset) = value;
}

/* Sets platform (NULL: none) and hwcap of _rtld_global_ro. */
void glibc_put_platform(const char *platform, uint64_t hwcap);

/* The value of an entry of the auxiliary vector, or 0. */
uintptr_t glibc_auxv(const struct loader *ld, uintptr_t type);

/* The address of a function of libc.so.6 (or, before 2.34, of another library of glibc); 0 if there
 * is none. */
uintptr_t glibc_function(struct loader *ld, struct dso *libc, const char *name);
/* The address of a function of the vDSO; 0 if there is none. */
uintptr_t glibc_vdso_function(struct loader *ld, const char *name);
/* As glibc_function(), but without the loader's overrides: libc's own function. */
uintptr_t glibc_own_function(struct loader *ld, struct dso *libc, const char *name);

/* Whether this is 2.33 or older: threads are a separate library, and libc has no _dl_dlfcn_hook. */
static inline bool glibc_is_old(void)
{
	return glibc.layout->ro.dlfcn_hook == GLIBC_NONE;
}

/* global.c.  Fills in the two structures, before relocation. */
void glibc_fill_globals(struct loader *ld);
/* Called when the static TLS area is laid out. */
void glibc_fill_tls_globals(struct loader *ld);
/* Called when the list of objects has changed. */
void glibc_count_objects(struct loader *ld);

/* unlisted.c: the loader's exports that this build's ld-linux lacks are hidden from lookups: of a
 * listed build by the numbers of their versions, else by the file beside libc, which also has the
 * build's tunables and directories.  -1: reported. */
int glibc_hide_newer(struct loader *ld, const struct glibc_build *b);
int glibc_read_unlisted(struct loader *ld, const struct dso *libc, struct glibc_build *b);
/* The directories and $LIB of an ld-linux, as long as no libc is loaded: of one in LD_LIBRARY_PATH, of
 * the one that the program names, or of the system's.  NULL: it does not tell (not reported). */
const struct libc_paths *glibc_read_paths(struct loader *ld);

/* system_loader.c: for a libc whose build is not known: has the ld-linux beside it run the program.  1:
 * the loader is not to run it now, and says that it would (reported); -1: reported. */
int glibc_hand_over(struct loader *ld, const struct dso *libc);

/* linkmap.c: for libc_abi.describe and forget; glibc_describe_tls() is called when d's TLS is
 * placed. */
int glibc_describe(struct loader *ld, struct dso *d);
void glibc_forget(struct loader *ld, struct dso *d);
void glibc_describe_tls(struct loader *ld, const struct dso *d);
bool glibc_is_held(const struct dso *d);

/* thread.c */
/* What libc takes for the size in bytes of a thread's static TLS area that is laid out up to `size`,
 * as tls.size is: what it has from the thread pointer on in variant I, and with struct pthread in
 * variant II. */
size_t glibc_static_size(size_t size);
void glibc_place_tls(struct loader *ld);
int glibc_make_thread(struct loader *ld);
int glibc_start_static_tls(struct loader *ld, struct dso *d);
/* The program's malloc() and free(), once they were found; the latter's argument may not be NULL. */
void glibc_find_malloc(struct loader *ld);
void *glibc_allocate(size_t n);
void glibc_release(void *memory);
/* Allocates n bytes by the program's calloc() and frees them. */
void glibc_use_calloc(struct loader *ld, size_t n);
void glibc_publish_dtv(uintptr_t thread_pointer, struct tls_dtv *dtv);
int glibc_need_exec_stack(struct loader *ld, const struct dso *d);
/* For a forked child, which has only the calling thread. */
void glibc_forget_threads(struct loader *ld);
/* Threads that are created from now on have static TLS up to `end`, a value of tls.surplus_end. */
void glibc_set_thread_reach(size_t end);
int glibc_make_stacks_executable(struct loader *ld);

/* The tunable glibc.rtld.execstack of 2.41 and later; before, executable stacks are always
 * allowed. */
enum exec_stack { EXEC_STACK_NEVER, EXEC_STACK_AT_START, EXEC_STACK_FORCED, EXEC_STACK_ALWAYS };
enum exec_stack glibc_exec_stack(void);
/* Reports in ld.so's words that d cannot have executable stacks, and why.  -1. */
int glibc_fail_exec_stack(struct loader *ld, const struct dso *d, const char *why);

/* pthread_create.c: replaces pthread_create, because of the size of the static TLS in small
 * stacks. */
int glibc_create_thread(uintptr_t *thread, const void *attributes, void *(*f)(void *), void *arg);
/* Looks up the functions of pthreads that the above calls. */
void glibc_find_functions(struct loader *ld);
/* For a forked child: another thread may have been in glibc_create_thread(). */
void glibc_create_after_fork(struct loader *ld);

/* hooks.c: the dl* functions for libc.so.6; builds before 2.34 have variables for them in libc.so.6
 * and libdl.so.2. */
extern const void *const glibc_hooks[];
void glibc_hook_old_library(struct loader *ld, struct dso *d);

#endif

/* glibc.h: what the files of this folder share.
 *
 *	world.c    struct libc_abi: which names, which rules; the start in steps
 *	global.c   _rtld_global and _rtld_global_ro, which libc.so.6 reads in place of ld.so's
 *	linkmap.c  glibc's struct link_map for each object, and the list of TLS modules
 *	thread.c   the first thread's control block; static TLS of all threads; stacks
 *	hooks.c    dlopen and its kin, as libc.so.6 calls them; the other private functions
 *	layout.c   which build of libc.so.6 this is
 *	tables.c   the offsets and tunables of each build
 *	tunables.c GLIBC_TUNABLES
 *	x86_64/    struct cpu_features; the tables' rows
 *
 * libc.so.6 is an ordinary library here.  It finds the loader's data and functions by the symbols
 * that ld-linux would export, and it believes to have been loaded by the dlopen of a static
 * program: then its own dlopen, and whatever in it loads libraries, calls a table of functions that
 * the host gave it (_dl_dlfcn_hook).
 */
#ifndef GLIBC_H
#define GLIBC_H

#include "libc/glibc/layout.h"
#include "state/loader.h"

#define EXPORTED __attribute__((visibility("default")))
/* Data has a name of its own in here: others' definitions of the exported one do not matter. */
#define EXPORT_AS(exported, own)                                                                   \
	extern __typeof(own) exported __attribute__((alias(#own), visibility("default")))

struct glibc {
	const struct glibc_build *build;
	const struct glibc_layout *layout; /* build's */
};

extern struct glibc glibc;

/* global.c: _rtld_global and _rtld_global_ro, at the layout's offsets, and more that ld.so exports.
 */
extern unsigned char glibc_global[], glibc_global_ro[];
extern void *glibc_stack_end;
extern uintptr_t glibc_pointer_guard;

/* A field of a structure at `at`; a build that has no such field does without. */
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

/* The value of an entry of the auxiliary vector, or 0. */
uintptr_t glibc_auxv(const struct loader *ld, uintptr_t type);

/* The address of a function of libc.so.6 (or, before 2.34, of a library beside it) that only it can
 * do; 0 if it has none. */
uintptr_t glibc_function(struct loader *ld, struct dso *libc, const char *name);
/* A function of the vDSO; 0 if the kernel has none. */
uintptr_t glibc_vdso_function(struct loader *ld, const char *name);
/* The same, where the loader answers for a function itself: libc's own. */
uintptr_t glibc_own_function(struct loader *ld, struct dso *libc, const char *name);

/* Up to 2.33 the threads are a library of their own, and libc has no _dl_dlfcn_hook. */
static inline bool glibc_is_old(void)
{
	return glibc.layout->ro.dlfcn_hook == GLIBC_NONE;
}

/* global.c.  What the processor has and tunables say of it; the rest: once, before relocation. */
void glibc_fill_machine(struct loader *ld);
/* What libc's resolvers see of the processor, in one number. */
uint64_t glibc_cpu_key(struct loader *ld);
void glibc_fill_globals(struct loader *ld);
/* The static TLS area is laid out. */
void glibc_fill_tls_globals(struct loader *ld);
/* The list of objects has changed. */
void glibc_count_objects(struct loader *ld);

/* linkmap.c: world.describe and forget; and when d's TLS has its place. */
int glibc_describe(struct loader *ld, struct dso *d);
void glibc_forget(struct loader *ld, struct dso *d);
void glibc_describe_tls(struct loader *ld, const struct dso *d);
bool glibc_is_held(const struct dso *d);

/* thread.c */
void glibc_place_tls(struct loader *ld);
int glibc_make_thread(struct loader *ld);
int glibc_start_static_tls(struct loader *ld, struct dso *d);
void glibc_publish_dtv(uintptr_t thread_pointer, struct tls_dtv *dtv);
int glibc_need_exec_stack(struct loader *ld, const struct dso *d);
void glibc_threads_after_fork(struct loader *ld);
int glibc_make_stacks_executable(struct loader *ld);

/* The tunable glibc.rtld.execstack, from 2.41 on; before, a library may have executable stacks at
 * any time. */
enum exec_stack { EXEC_STACK_NEVER, EXEC_STACK_AT_START, EXEC_STACK_FORCED, EXEC_STACK_ALWAYS };
enum exec_stack glibc_exec_stack(void);

/* threads.c: pthread_create, for the size of the static TLS in small stacks. */
int glibc_create_thread(uintptr_t *thread, const void *attributes, void *(*f)(void *), void *arg);
void glibc_take_functions(struct loader *ld);

/* hooks.c: dlopen and its kin for libc.so.6; builds before 2.34 want them in variables of libc.so.6
 * and libdl.so.2. */
extern const void *const glibc_hooks[];
void glibc_hook_old_library(struct loader *ld, struct dso *d);

#endif

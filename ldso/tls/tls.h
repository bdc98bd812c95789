/* tls.h: thread-local storage: module ids, the static layout, blocks made at run time. */
#ifndef TLS_H
#define TLS_H

#include "arch/entry.h"
#include "state/loader.h"

/* Assigns a module id to d, which has a PT_TLS.  -1: no memory (reported). */
int tls_add(struct loader *ld, struct dso *d);

/* Frees d's module id for reuse; threads notice by the generation. */
void tls_remove(struct loader *ld, struct dso *d);

/* At start-up: assigns a place in the static area to each object that has TLS. */
void tls_lay_out(struct loader *ld);

/* At start-up, when all objects are relocated: completes the static area, which is fixed from then
 * on except for the surplus, and enters PHASE_LAID_OUT. */
void tls_finish_layout(struct loader *ld);

/* At start-up: reserves size bytes of the static area for other data than a module's; returns their
 * offset from the thread pointer. */
ptrdiff_t tls_reserve(struct loader *ld, size_t size, size_t align);

/* Records the kernel's task count while the process has one thread. */
void tls_count_tasks(struct loader *ld);

/* Gives d's TLS a fixed offset, which object `by` needs (initial-exec), from the surplus if
 * start-up is over.  -1: not possible (reported). */
int tls_make_static(struct loader *ld, struct dso *d, const struct dso *by);

/* Converts an offset from the thread pointer to one in an image of the static area, whose first
 * byte is the lowest address (variant II) or the thread pointer + ARCH_TLS_GAP (variant I). */
size_t tls_image_offset(const struct loader *ld, ptrdiff_t offset);

/* The size of that image in bytes. */
size_t tls_image_size(const struct loader *ld);

/* Copies the initialised parts of all static modules into such an image. */
void tls_fill_image(const struct loader *ld, char *image);

/* Initialises d's block in all threads if it is static; d was opened at run time and is relocated.
 * -1: reported. */
int tls_start_module(struct loader *ld, struct dso *d);

/* The loader's state of the calling thread, and of the thread with a given thread pointer. */
struct tls_thread *tls_self(struct loader *ld);
struct tls_thread *tls_of_thread(struct loader *ld, uintptr_t thread_pointer);

/* Brings a thread's dtv up to date, and allocates it if it has none.  The lock is not held.  -1: no
 * memory (not reported). */
int tls_update_dtv(struct loader *ld, struct tls_thread *t, uintptr_t thread_pointer);

/* The calling thread's block of d, or NULL if it has none yet; never allocates one. */
void *tls_peek(struct loader *ld, const struct dso *d);

/* Frees the blocks and dlerror text of a thread that has ended, but keeps its dtv for the next
 * thread on the same stack.  The lock is not held. */
void tls_recycle_thread(struct loader *ld, struct tls_thread *t);

/* Frees all that a thread has: blocks, dtv and dlerror text.  The lock is not held. */
void tls_free_thread(struct loader *ld, struct tls_thread *t);

#endif

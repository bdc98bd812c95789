/* tls.h: thread-local storage: module ids, the static layout, blocks made at run time. */
#ifndef TLS_H
#define TLS_H

#include "arch/entry.h"
#include "state/loader.h"

/* Gives d, which has a PT_TLS, a module id.  -1: no memory (reported). */
int tls_add(struct loader *ld, struct dso *d);

/* Takes d's id back, for the next one; threads notice by the generation. */
void tls_remove(struct loader *ld, struct dso *d);

/* At start-up: lays out the static area, with a place for each object that has TLS. */
void tls_lay_out(struct loader *ld);

/* At start-up, when all is relocated: the layout is final but for the surplus. */
void tls_close(struct loader *ld);

/* At start-up: size bytes of the static area for something that is no module; the offset from the
 * thread pointer. */
ptrdiff_t tls_take(struct loader *ld, size_t size, size_t align);

/* Before there are threads: notes how the kernel counts the one there is. */
void tls_note_alone(struct loader *ld);

/* Object `by` needs d's TLS at a fixed offset (initial-exec): sees to it that it has one, from the
 * surplus if it must. -1 (reported) when that can't be. */
int tls_make_static(struct loader *ld, struct dso *d, const struct dso *by);

/* Where d's block lies in an image of the static area whose first byte is the lowest address
 * (variant II) or the thread pointer + ARCH_TLS_GAP (variant I). */
size_t tls_image_offset(const struct loader *ld, ptrdiff_t offset);

/* Bytes of that image. */
size_t tls_image_size(const struct loader *ld);

/* Writes the initialised parts of all static modules into such an image. */
void tls_fill_image(const struct loader *ld, char *image);

/* A library opened later is relocated: if its block is static, initialises it in all threads. */
int tls_start_module(struct loader *ld, struct dso *d);

/* The calling thread's words, and those of the thread with that thread pointer. */
struct tls_thread *tls_self(struct loader *ld);
struct tls_thread *tls_of_thread(struct loader *ld, uintptr_t thread_pointer);

/* With the lock held: brings a thread's dtv up to date, and makes it if it has none.  -1: no memory
 * (not reported). */
int tls_update_dtv(struct loader *ld, struct tls_thread *t, uintptr_t thread_pointer);

/* The block of module d in the calling thread, or NULL when it has none yet: never makes one. */
void *tls_peek(struct loader *ld, const struct dso *d);

/* With the lock held: gives back what a thread had that is gone, but for its dtv, which serves the
 * next thread in its place. */
void tls_recycle_thread(struct loader *ld, struct tls_thread *t);

/* Gives back a thread's blocks and its dlerror text. */
void tls_free_thread(struct loader *ld, struct tls_thread *t);

#endif

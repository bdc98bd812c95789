/* blocks.c: each thread's dtv, and blocks that are allocated at first use (Drepper, "ELF Handling
 * For Thread-Local Storage", 3.4.3).
 *
 * A signal handler may access TLS for the first time at any moment, also in the middle of the same
 * thread's first access: what it enters into the dtv stays.
 */
#include "tls/tls.h"
#include "base/mem.h"
#include "base/sys.h"
#include "memory/kernel.h"
#include "state/libc.h"

struct tls_thread *tls_of_thread(struct loader *ld, uintptr_t thread_pointer)
{
	return (struct tls_thread *)(thread_pointer + (uintptr_t)ld->tls.slot);
}

struct tls_thread *tls_self(struct loader *ld)
{
	return ld->tls.live ? tls_of_thread(ld, arch_thread_pointer()) : &ld->tls.early;
}

/* ---- Memory of threads ---- */

#define MALLOC_ALIGN (2 * sizeof(void *)) /* C11 7.22.3: fundamental alignment */

/* Zeroed memory from the libc's malloc(), which is called without the lock: it may wait for a lock
 * of its own, whose holder waits for the loader. */
static void *allocate_by_libc(
	struct loader *ld, size_t n, size_t align, uintptr_t phase, void **to_free)
{
	size_t slack = align > MALLOC_ALIGN || phase & (align - 1) ? align - 1 : 0;
	char *p = ld->abi->allocate(n + slack);

	*to_free = p;
	if (!p)
		return NULL;
	p += align ? (phase - (uintptr_t)p) & (align - 1) : 0;
	return memset(p, 0, n);
}

/* For a signal handler that has interrupted the loader: the heap may be half changed.  That memory
 * is never freed; nor are blocks from the time before there is the libc's free(). */
static void *allocate_by_loader(
	struct loader *ld, size_t n, size_t align, uintptr_t phase, void **to_free)
{
	char *p;

	loader_lock(ld);
	if (!loader_may_change(ld)) {
		p = kernel_map_apart(n + align);
		p += p && align ? (phase - (uintptr_t)p) & (align - 1) : 0;
		*to_free = NULL;
	} else {
		p = heap_alloc(&ld->heap, n, align, phase);
		*to_free = ld->abi->allocate ? NULL : p;
	}
	loader_unlock(ld);
	return p;
}

static bool uses_libc(const struct loader *ld)
{
	return ld->libc_allocates;
}

/* n zeroed bytes whose address is congruent to phase modulo align (0: any); NULL: no memory.
 * *to_free is the argument of release(). */
static void *allocate(struct loader *ld, size_t n, size_t align, uintptr_t phase, void **to_free)
{
	/* Free blocks are linked by their first word. */
	if (n < sizeof(void *))
		n = sizeof(void *);
	if (n > SIZE_MAX / 4 || align > SIZE_MAX / 4)
		return NULL;
	return (uses_libc(ld) ? allocate_by_libc : allocate_by_loader)(
		ld, n, align, phase, to_free);
}

static void release(struct loader *ld, void *memory)
{
	if (!memory)
		return;
	if (uses_libc(ld)) {
		ld->abi->release(memory);
		return;
	}
	loader_lock(ld);
	if (loader_may_change(ld))
		heap_free(&ld->heap, memory);
	loader_unlock(ld);
}

/* ---- The dtv ---- */

static void release_dtv(struct loader *ld, struct tls_dtv *dtv)
{
	if (dtv && dtv != ld->tls.initial_dtv)
		release(ld, dtv - 1);
}

/* Copies to the new dtv what a signal handler has entered into the old one since it was copied. */
static void copy_late_blocks(struct tls_dtv *dtv, const struct tls_dtv *old)
{
	for (size_t i = 1; i <= old[-1].count; i++)
		if (old[i].block != dtv[i].block && dtv[i].block == TLS_NO_BLOCK)
			dtv[i] = old[i];
}

/* Replaces the thread's dtv by a larger one, in a single store, unless a signal handler has done so
 * meanwhile. */
static void replace_dtv(struct loader *ld, struct tls_thread *t, uintptr_t tp, struct tls_dtv *dtv)
{
	struct tls_dtv *old = t->dtv, *was = old;

	if (old)
		memcpy(dtv, old, (old[-1].count + 1) * sizeof *dtv);
	if (!__atomic_compare_exchange_n(
		    &t->dtv, &was, dtv, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		release(ld, dtv - 1);
		return;
	}
	if (ld->abi->publish_dtv)
		ld->abi->publish_dtv(tp, dtv);
	if (old)
		copy_late_blocks(dtv, old);
	release_dtv(ld, old);
}

/* Allocates the thread's dtv, or a larger one, if it has no room for all modules.  [-1] holds its
 * size, [0] its generation. */
static int grow_dtv(struct loader *ld, struct tls_thread *t, uintptr_t tp)
{
	size_t needed = __atomic_load_n(&ld->tls.count, __ATOMIC_ACQUIRE), count = needed + 14;
	struct tls_dtv *dtv;
	void *memory;

	if (t->dtv && t->dtv[-1].count >= needed)
		return 0;
	/* The libc must arrange for the blocks to be freed before there is one. */
	if (!t->dtv && ld->abi->watch_thread && ld->abi->watch_thread(ld, t) < 0)
		return -1;
	dtv = allocate(ld, (count + 2) * sizeof *dtv, 0, 0, &memory);
	if (!dtv)
		return -1;
	dtv[0].count = count;
	if (!loader_is_running(ld) || (ld->abi->allocate && !uses_libc(ld)))
		ld->tls.initial_dtv = dtv + 1;
	replace_dtv(ld, t, tp, dtv + 1);
	return 0;
}

/* Brings an entry up to date.  Returns what is to be freed: the block of a module that was removed,
 * whose id may be in use again. */
static void *update_entry(
	const struct tls_module *m, struct tls_dtv *e, size_t generation, uintptr_t tp)
{
	void *stale = NULL;

	if (m->generation > generation) {
		stale = e->to_free;
		e->to_free = NULL;
		e->block = TLS_NO_BLOCK;
	}
	if (m->dso && m->dso->tls.is_static)
		e->block = (void *)(tp + (uintptr_t)m->dso->tls.offset);
	else if (!m->dso || !e->block)
		e->block = TLS_NO_BLOCK;
	return stale;
}

/* grow_dtv(), with the thread marked, for the program's malloc() may use TLS itself. */
static int make_room(struct loader *ld, struct tls_thread *t, uintptr_t tp)
{
	bool before = t->growing;
	int r;

	t->growing = true;
	r = grow_dtv(ld, t, tp);
	t->growing = before;
	return r;
}

int tls_update_dtv(struct loader *ld, struct tls_thread *t, uintptr_t tp)
{
	void *stale, *chain = NULL;

	do {
		if (make_room(ld, t, tp) < 0)
			return -1;
		loader_lock(ld);
		/* Another thread may have added modules meanwhile. */
		if (t->dtv[-1].count >= ld->tls.count)
			break;
		loader_unlock(ld);
	} while (true);
	for (size_t i = 1; i <= ld->tls.count; i++) {
		stale = update_entry(&ld->tls.modules[i], &t->dtv[i], t->dtv[0].count, tp);
		if (stale) {
			memcpy(stale, &chain, sizeof chain);
			chain = stale;
		}
	}
	t->dtv[0].count = ld->tls.generation;
	loader_unlock(ld);
	while ((stale = chain)) {
		memcpy(&chain, stale, sizeof chain);
		release(ld, stale);
	}
	return 0;
}

/* ---- Blocks ---- */

void *tls_peek(struct loader *ld, const struct dso *d)
{
	const struct tls_thread *t = tls_self(ld);
	const struct tls_module *m = &ld->tls.modules[d->tls.module];
	void *block;

	if (!d->tls.module)
		return NULL;
	if (d->tls.is_static)
		return ld->tls.live ? (void *)(arch_thread_pointer() + (uintptr_t)d->tls.offset)
				    : NULL;
	if (!t->dtv || t->dtv[0].count < m->generation)
		return NULL;
	block = t->dtv[d->tls.module].block;
	return block == TLS_NO_BLOCK ? NULL : block;
}

/* Ends the process, since the psABI's __tls_get_addr cannot return a failure. */
static _Noreturn void die_without_block(struct loader *ld, size_t module)
{
	const struct dso *d = NULL;

	loader_lock(ld);
	if (module && module <= ld->tls.count)
		d = ld->tls.modules[module].dso;
	if (d)
		print(2, "myld.so: %s: no memory for a thread's TLS block (%zu bytes)\n", d->path,
			d->tls.memsz);
	else
		print(2, "myld.so: TLS of module %zu: no such library is loaded\n", module);
	sys_exit(EXIT_LOADER);
}

/* Copies the description of a module's TLS to *d and its generation, and marks it as having blocks.
 * false: there is no such module. */
static bool describe_module(struct loader *ld, size_t module, struct dso_tls *d, size_t *generation)
{
	struct tls_module *m = NULL;

	loader_lock(ld);
	if (module && module <= ld->tls.count && ld->tls.modules[module].dso) {
		m = &ld->tls.modules[module];
		m->has_blocks |= !m->dso->tls.is_static;
		*d = m->dso->tls;
		*generation = m->generation;
	}
	loader_unlock(ld);
	return m;
}

/* Enters a new block into the dtv, unless a signal handler has entered one meanwhile. */
static void *make_block(struct loader *ld, struct tls_dtv *e, const struct dso_tls *d)
{
	void *memory, *was = TLS_NO_BLOCK;
	void *block = allocate(ld, d->memsz, d->align, d->vaddr, &memory);

	if (!block)
		return NULL;
	memcpy(block, (const void *)d->image, d->filesz);
	if (__atomic_compare_exchange_n(
		    &e->block, &was, block, 0, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
		e->to_free = memory;
		return block;
	}
	release(ld, memory);
	return was;
}

/* A thread's block of a module, as long as its dtv is not brought up to date; TLS_NO_BLOCK: none. */
static void *present_block(
	const struct tls_thread *t, size_t module, const struct dso_tls *d, size_t generation)
{
	const struct tls_dtv *dtv = t->dtv;

	if (d->is_static)
		return (void *)(arch_thread_pointer() + (uintptr_t)d->offset);
	return dtv && module <= dtv[-1].count && generation <= dtv[0].count ? dtv[module].block
									    : TLS_NO_BLOCK;
}

/* The calling thread's block of a module, allocated if need be. */
static void *block_of_module(struct loader *ld, size_t module)
{
	struct tls_thread *t = tls_self(ld);
	size_t generation;
	struct dso_tls d;
	void *block = NULL;

	if (!describe_module(ld, module, &d, &generation))
		die_without_block(ld, module);
	if (t->growing && (block = present_block(t, module, &d, generation)) != TLS_NO_BLOCK)
		return block;
	if (tls_update_dtv(ld, t, arch_thread_pointer()) == 0) {
		block = t->dtv[module].block;
		if (block == TLS_NO_BLOCK)
			block = make_block(ld, &t->dtv[module], &d);
	}
	if (!block)
		die_without_block(ld, module);
	return block;
}

/* tls_self()->dtv, with one load where the thread pointer is set. */
static const struct tls_dtv *own_dtv(const struct tls *t)
{
	_Static_assert(!offsetof(struct tls_thread, dtv), "one load at tls.slot");
	return t->live ? (const struct tls_dtv *)arch_thread_word(t->slot) : t->early.dtv;
}

/* Not inlined, so that the fast path needs no stack frame. */
__attribute__((noinline)) static void *slow_address(const struct tls_index *index)
{
	return (char *)block_of_module(&loader, index->module) + index->offset + ARCH_DTP_BIAS;
}

void *tls_address(const struct tls_index *index)
{
	const struct tls_dtv *dtv = own_dtv(&loader.tls);
	size_t now = __atomic_load_n(&loader.tls.generation, __ATOMIC_ACQUIRE);

	if (dtv && dtv[0].count == now && dtv[index->module].block != TLS_NO_BLOCK)
		return (char *)dtv[index->module].block + index->offset + ARCH_DTP_BIAS;
	return slow_address(index);
}

/* The name that compilers emit calls to. */
extern __typeof(tls_address) __tls_get_addr
	__attribute__((alias("tls_address"), visibility("default")));

/* What a dtv's entries lead to, other than the static area. */
static void free_blocks(struct loader *ld, struct tls_dtv *dtv)
{
	for (size_t i = 1; dtv && i <= dtv[-1].count; i++)
		release(ld, dtv[i].to_free);
}

void tls_recycle_thread(struct loader *ld, struct tls_thread *t)
{
	free_blocks(ld, t->dtv);
	if (t->dtv)
		memset(t->dtv, 0, (t->dtv[-1].count + 1) * sizeof *t->dtv);
	loader_lock(ld);
	heap_free(&ld->heap, t->error);
	loader_unlock(ld);
	t->error = NULL;
	t->error_room = 0;
	t->error_set = false;
}

void tls_free_thread(struct loader *ld, struct tls_thread *t)
{
	tls_recycle_thread(ld, t);
	release_dtv(ld, t->dtv);
	*t = (struct tls_thread){0};
}

/* blocks.c: each thread's dtv, and blocks that are allocated at first use (Drepper, "ELF Handling
 * For Thread-Local Storage", 3.4.3).
 */
#include "tls/tls.h"
#include "base/mem.h"
#include "base/sys.h"
#include "state/libc.h"

struct tls_thread *tls_of_thread(struct loader *ld, uintptr_t thread_pointer)
{
	return (struct tls_thread *)(thread_pointer + (uintptr_t)ld->tls.slot);
}

struct tls_thread *tls_self(struct loader *ld)
{
	return ld->tls.live ? tls_of_thread(ld, arch_thread_pointer()) : &ld->tls.early;
}

/* A dynamically allocated block. */
struct tls_block {
	struct tls_block *next; /* of the same thread */
	size_t module, generation;
	void *block;
};

static void free_blocks(struct loader *ld, struct tls_thread *t)
{
	for (struct tls_block *b = t->own, *next; b; b = next) {
		next = b->next;
		heap_free(&ld->heap, b->block);
		heap_free(&ld->heap, b);
	}
	t->own = NULL;
}

/* Frees the blocks of modules that were removed, whose ids may be in use again. */
static void free_stale_blocks(struct loader *ld, struct tls_thread *t)
{
	for (struct tls_block **at = &t->own, *b; (b = *at);) {
		const struct tls_module *m = &ld->tls.modules[b->module];

		if (m->dso && m->generation == b->generation) {
			at = &b->next;
			continue;
		}
		*at = b->next;
		t->dtv[b->module].block = NULL;
		heap_free(&ld->heap, b->block);
		heap_free(&ld->heap, b);
	}
}

/* Allocates the thread's dtv, or a larger one, if it has no room for all modules.  [-1] holds its
 * size, [0] its generation. */
static int grow_dtv(struct loader *ld, struct tls_thread *t, uintptr_t tp)
{
	size_t count = ld->tls.count + 14;
	struct tls_dtv *dtv;

	if (t->dtv && t->dtv[-1].count >= ld->tls.count)
		return 0;
	/* The libc must arrange for the blocks to be freed before there is one. */
	if (!t->dtv && ld->abi->watch_thread && ld->abi->watch_thread(ld, t) < 0)
		return -1;
	dtv = heap_alloc(&ld->heap, (count + 2) * sizeof *dtv, 0, 0);
	if (!dtv)
		return -1;
	if (t->dtv) {
		memcpy(dtv, t->dtv - 1, (t->dtv[-1].count + 2) * sizeof *dtv);
		heap_free(&ld->heap, t->dtv - 1);
	}
	dtv[0].count = count;
	t->dtv = dtv + 1;
	if (ld->abi->publish_dtv)
		ld->abi->publish_dtv(tp, t->dtv);
	return 0;
}

int tls_update_dtv(struct loader *ld, struct tls_thread *t, uintptr_t tp)
{
	const struct tls_module *m = ld->tls.modules;

	if (grow_dtv(ld, t, tp) < 0)
		return -1;
	free_stale_blocks(ld, t);
	for (size_t i = 1; i <= ld->tls.count; i++) {
		struct tls_dtv *e = &t->dtv[i];

		if (m[i].dso && m[i].dso->tls.is_static)
			e->block = (void *)(tp + (uintptr_t)m[i].dso->tls.offset);
		else if (!m[i].dso || m[i].generation > t->dtv[0].count || !e->block)
			e->block = TLS_NO_BLOCK;
	}
	t->dtv[0].count = ld->tls.generation;
	return 0;
}

static void *make_block(struct loader *ld, struct tls_thread *t, size_t module)
{
	struct tls_module *m = &ld->tls.modules[module];
	struct dso *d = m->dso;
	struct tls_block *b;

	if (t->dtv[module].block != TLS_NO_BLOCK)
		return t->dtv[module].block;
	b = heap_alloc(&ld->heap, sizeof *b, 0, 0);
	if (!b)
		return NULL;
	b->block = heap_alloc(&ld->heap, d->tls.memsz, d->tls.align, d->tls.vaddr);
	if (!b->block) {
		heap_free(&ld->heap, b);
		return NULL;
	}
	memcpy(b->block, (const void *)d->tls.image, d->tls.filesz);
	b->module = module;
	b->generation = m->generation;
	b->next = t->own;
	t->own = b;
	m->has_blocks = true;
	return t->dtv[module].block = b->block;
}

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
static _Noreturn void die_without_block(const struct tls_module *m, size_t module)
{
	if (m && m->dso)
		print(2, "myld.so: %s: no memory for a thread's TLS block (%zu bytes)\n",
			m->dso->path, m->dso->tls.memsz);
	else
		print(2, "myld.so: TLS of module %zu: no such library is loaded\n", module);
	sys_exit(EXIT_LOADER);
}

/* The calling thread's block of a module, allocated if need be. */
static void *block_of_module(struct loader *ld, size_t module)
{
	struct tls_thread *t = tls_self(ld);
	const struct tls_module *m = NULL;
	void *block = NULL;

	loader_lock(ld);
	loader_block_signals(ld);
	if (module && module <= ld->tls.count)
		m = &ld->tls.modules[module];
	if (m && m->dso && tls_update_dtv(ld, t, arch_thread_pointer()) == 0)
		block = make_block(ld, t, module);
	if (!block)
		die_without_block(m, module);
	loader_unlock(ld);
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

void tls_recycle_thread(struct loader *ld, struct tls_thread *t)
{
	free_blocks(ld, t);
	heap_free(&ld->heap, t->error);
	t->error = NULL;
	t->error_room = 0;
	t->error_set = false;
	if (t->dtv)
		memset(t->dtv, 0, (t->dtv[-1].count + 1) * sizeof *t->dtv);
}

void tls_free_thread(struct loader *ld, struct tls_thread *t)
{
	loader_lock(ld);
	loader_block_signals(ld);
	tls_recycle_thread(ld, t);
	if (t->dtv)
		heap_free(&ld->heap, t->dtv - 1);
	*t = (struct tls_thread){0};
	loader_unlock(ld);
}

/* tls.c: the static layout (Drepper, "ELF Handling For Thread-Local Storage", 3.4) and blocks made
 * at first use.
 *
 *	variant II (x86_64, i386, s390x)     surplus, slot | ... lib2 | lib1 | program |TP
 *	variant I (aarch64, riscv64, arm)    TP| gap | program | slot, surplus | lib1 | lib2 ...
 *
 * A block's address is congruent to its p_vaddr modulo p_align, as the linker assumed for
 * local-exec offsets.  The slot holds the loader's own words of the thread.
 */
#include "tls/tls.h"
#include "base/mem.h"
#include "base/sys.h"
#include "state/libc.h"

/* ---- Module ids ---- */

static int grow_modules(struct loader *ld, const struct dso *d)
{
	struct tls *t = &ld->tls;
	size_t room = t->room ? 2 * t->room : 16;
	struct tls_module *modules = heap_alloc(&ld->heap, room * sizeof *modules, 0, 0);

	if (!modules)
		return fail(ld, "%s: no memory for its TLS module", d->path);
	if (t->modules)
		memcpy(modules, t->modules, t->room * sizeof *modules);
	heap_free(&ld->heap, t->modules);
	t->modules = modules;
	t->room = room;
	return 0;
}

/* A change of the table: a thread whose dtv is of another generation looks before it trusts it. */
static void next_generation(struct tls *t)
{
	__atomic_store_n(&t->generation, t->generation + 1, __ATOMIC_RELEASE);
}

static size_t free_slot(const struct tls *t)
{
	for (size_t i = 1; t->gaps && i <= t->count; i++)
		if (!t->modules[i].dso)
			return i;
	return 0;
}

int tls_add(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;
	size_t slot = free_slot(t);

	if (slot) {
		t->gaps--;
	} else {
		if (t->count + 1 >= t->room && grow_modules(ld, d) < 0)
			return -1;
		slot = ++t->count;
	}
	d->tls.module = slot;
	t->modules[slot] = (struct tls_module){d, t->generation + 1, false};
	/* Those of start-up are known before there is a thread. */
	if (t->closed)
		next_generation(t);
	return 0;
}

void tls_remove(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;

	if (!d->tls.module)
		return;
	t->modules[d->tls.module] = (struct tls_module){NULL, t->generation + 1, false};
	t->gaps++;
	next_generation(t);
	/* The last one that got a part of the surplus gives it back. */
	if (d->tls.is_static && d->tls.surplus_end == t->surplus_start)
		t->surplus_start = d->tls.surplus_start;
	d->tls.module = 0;
}

/* ---- The static area ---- */

/* The next free offset for a block; *size becomes the area's new size. */
static ptrdiff_t next_offset(size_t *size, size_t memsz, size_t align, uintptr_t vaddr)
{
	size_t o;

	if (ARCH_TLS_BELOW_TP) {
		o = *size + memsz + align - 1;
		o -= (o + vaddr) & (align - 1);
		*size = o;
		return -(ptrdiff_t)o;
	}
	o = *size + ((vaddr - *size) & (align - 1));
	*size = o + memsz;
	return (ptrdiff_t)o;
}

static void start_area(struct tls *t)
{
	if (!t->align) {
		t->align = sizeof(uintptr_t);
		t->size = ARCH_TLS_GAP;
	}
}

void tls_place(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;

	start_area(t);
	if (d->tls.align > t->align)
		t->align = d->tls.align;
	d->tls.offset = next_offset(&t->size, d->tls.memsz, d->tls.align, d->tls.vaddr);
	d->tls.is_static = true;
}

ptrdiff_t tls_take(struct loader *ld, size_t size, size_t align)
{
	struct tls *t = &ld->tls;

	start_area(t);
	if (align > t->align)
		t->align = align;
	return next_offset(&t->size, size, align, 0);
}

void tls_reserve(struct loader *ld, size_t surplus)
{
	struct tls *t = &ld->tls;

	t->slot = tls_take(ld, sizeof(struct tls_thread), sizeof(uintptr_t));
	t->surplus_start = t->size;
	t->surplus_end = t->size + surplus;
	t->size = t->surplus_end;
}

/* Threads that exist already can't be given an initialised block: nobody knows where they are.  The
 * kernel counts them as links of a directory; 0: it does not tell. */
static unsigned tasks(void)
{
	struct file_info info;

	return sys_stat("/proc/self/task", &info) < 0 ? 0 : info.links;
}

/* A directory has two links, and one for each thread.  An emulator's own threads count too, so the
 * number is asked for; without an answer it is the kernel's: taken too low it refuses, no more. */
void tls_note_alone(struct loader *ld)
{
	unsigned n = tasks();

	ld->tls.tasks = n ? n : 2 + 1;
}

/* Where the world does not know the threads, and so can't give them an initialised block. */
static int check_unknown_threads(
	struct loader *ld, const struct dso *d, const struct dso *by, ptrdiff_t offset)
{
	struct tls *t = &ld->tls;

	if (ld->abi->start_static_tls || !d->tls.filesz)
		return 0;
	if (tls_image_offset(ld, offset) + d->tls.filesz > t->image_filesz)
		return fail(ld,
			"%s: initial-exec TLS of %s is initialised: threads to come could not have "
			"it",
			by->path, d->path);
	if (!t->tasks || tasks() != t->tasks)
		return fail(ld,
			"%s: initial-exec TLS of %s is initialised: threads that may run would not "
			"see it",
			by->path, d->path);
	return 0;
}

int tls_make_static(struct loader *ld, struct dso *d, const struct dso *by)
{
	struct tls *t = &ld->tls;
	size_t size = t->surplus_start;
	ptrdiff_t offset;

	if (d->tls.is_static)
		return 0;
	if (!t->closed) {
		tls_place(ld, d);
		return 0;
	}
	if (t->modules[d->tls.module].has_blocks)
		return fail(ld,
			"%s: initial-exec TLS of %s: threads have blocks of it elsewhere already",
			by->path, d->path);
	offset = next_offset(&size, d->tls.memsz, d->tls.align, d->tls.vaddr);
	if (size > t->surplus_end || d->tls.align > t->align)
		return fail(ld,
			"%s: initial-exec TLS of %s (%zu bytes, align %zu) does not fit the %zu "
			"bytes (align %zu) left in each thread",
			by->path, d->path, d->tls.memsz, d->tls.align,
			t->surplus_end - t->surplus_start, t->align);
	if (check_unknown_threads(ld, d, by, offset) < 0)
		return -1;
	d->tls.surplus_start = t->surplus_start;
	d->tls.surplus_end = t->surplus_start = size;
	d->tls.offset = offset;
	d->tls.is_static = true;
	return 0;
}

size_t tls_image_size(const struct loader *ld)
{
	const struct tls *t = &ld->tls;

	if (ARCH_TLS_BELOW_TP)
		return (t->size + t->align - 1) & -t->align;
	return t->size - ARCH_TLS_GAP;
}

size_t tls_image_offset(const struct loader *ld, ptrdiff_t offset)
{
	return ARCH_TLS_BELOW_TP ? tls_image_size(ld) + (size_t)offset
				 : (size_t)offset - ARCH_TLS_GAP;
}

void tls_fill_image(const struct loader *ld, char *image)
{
	for (size_t i = 1; i <= ld->tls.count; i++) {
		const struct dso *d = ld->tls.modules[i].dso;

		if (d && d->tls.is_static)
			memcpy(image + tls_image_offset(ld, d->tls.offset),
				(const void *)d->tls.image, d->tls.filesz);
	}
}

int tls_start_module(struct loader *ld, struct dso *d)
{
	const struct dso_tls *m = &d->tls;

	if (!m->is_static)
		return 0;
	if (ld->abi->start_static_tls)
		return ld->abi->start_static_tls(ld, d);
	memcpy((void *)(arch_thread_pointer() + (uintptr_t)m->offset), (const void *)m->image,
		m->filesz);
	memcpy(ld->tls.image + tls_image_offset(ld, m->offset), (const void *)m->image, m->filesz);
	return 0;
}

/* ---- Threads ---- */

struct tls_thread *tls_of_thread(struct loader *ld, uintptr_t thread_pointer)
{
	return (struct tls_thread *)(thread_pointer + (uintptr_t)ld->tls.slot);
}

struct tls_thread *tls_self(struct loader *ld)
{
	return ld->tls.live ? tls_of_thread(ld, arch_thread_pointer()) : &ld->tls.alone;
}

/* In front of a block: whose it is. */
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

/* Blocks whose module has gone, or has given its id to another. */
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

/* A dtv with room for all modules; [-1] holds its size, [0] its generation. */
static int grow_dtv(struct loader *ld, struct tls_thread *t, uintptr_t tp)
{
	size_t count = ld->tls.count + 14;
	struct tls_dtv *dtv;

	if (t->dtv && t->dtv[-1].count >= ld->tls.count)
		return 0;
	/* Whoever frees this thread's blocks must know of it before there is one. */
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

/* There is no way to report a failure here: the psABI's __tls_get_addr always returns an address.
 */
static _Noreturn void no_block(const struct tls_module *m, size_t module)
{
	if (m && m->dso)
		print(2, "myld.so: %s: no memory for a thread's TLS block (%zu bytes)\n",
			m->dso->path, m->dso->tls.memsz);
	else
		print(2, "myld.so: TLS of module %zu: no such library is loaded\n", module);
	sys_exit(127);
}

static void *first_use(struct loader *ld, size_t module)
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
		no_block(m, module);
	loader_unlock(ld);
	return block;
}

/* tls_self()->dtv, by one load where there is a thread pointer. */
static const struct tls_dtv *own_dtv(const struct tls *t)
{
	_Static_assert(!offsetof(struct tls_thread, dtv), "its first word");
	return t->live ? (const struct tls_dtv *)arch_thread_word(t->slot) : t->alone.dtv;
}

/* On its own, so that the quick way needs no stack. */
__attribute__((noinline)) static void *slow_address(const struct tls_index *index)
{
	return (char *)first_use(&loader, index->module) + index->offset + ARCH_DTP_BIAS;
}

void *tls_address(const struct tls_index *index)
{
	const struct tls_dtv *dtv = own_dtv(&loader.tls);
	size_t now = __atomic_load_n(&loader.tls.generation, __ATOMIC_ACQUIRE);

	if (dtv && dtv[0].count == now && dtv[index->module].block != TLS_NO_BLOCK)
		return (char *)dtv[index->module].block + index->offset + ARCH_DTP_BIAS;
	return slow_address(index);
}

/* The name that compilers call. */
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

/* tls.c: the static layout (Drepper, "ELF Handling For Thread-Local Storage", 3.4) and blocks made
 * at first use.
 *
 *	variant II (x86_64, i386, s390x)     surplus, slot | ... lib2 | lib1 | program |TP
 *	variant I (aarch64, riscv64, arm)    TP| gap | program | slot, surplus | lib1 | lib2 ...
 *
 * A block's address is congruent to its p_vaddr modulo p_align, as the linker assumed for
 * local-exec offsets.  The slot holds the loader's own words of the thread.
 */
#include "tls.h"
#include "mem.h"
#include "sys.h"
#include "world.h"

/* ---- Module ids ---- */

int tls_add(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;

	if (t->count + 1 >= t->room) {
		size_t room = t->room ? 2 * t->room : 16;
		struct dso **modules = heap_alloc(&ld->heap, room * sizeof *modules, 0, 0);

		if (!modules)
			return fail(ld, "%s: no memory for its TLS module", d->path);
		if (t->modules)
			memcpy(modules, t->modules, t->room * sizeof *modules);
		/* The old table stays: another thread may be reading it. */
		__atomic_store_n(&t->modules, modules, __ATOMIC_RELEASE);
		t->room = room;
	}
	d->tls.module = ++t->count;
	t->modules[d->tls.module] = d;
	return 0;
}

void tls_truncate(struct loader *ld, size_t count)
{
	while (ld->tls.count > count)
		ld->tls.modules[ld->tls.count--] = NULL;
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

void tls_reserve(struct loader *ld, size_t surplus)
{
	struct tls *t = &ld->tls;

	start_area(t);
	t->slot = next_offset(&t->size, sizeof(struct tls_thread), sizeof(uintptr_t), 0);
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
	offset = next_offset(&size, d->tls.memsz, d->tls.align, d->tls.vaddr);
	if (size > t->surplus_end || d->tls.align > t->align)
		return fail(ld,
			"%s: initial-exec TLS of %s (%zu bytes, align %zu) does not fit the %zu "
			"bytes left in "
			"each thread",
			by->path, d->path, d->tls.memsz, d->tls.align,
			t->surplus_end - t->surplus_start);
	if (d->tls.filesz && tls_image_offset(ld, offset) + d->tls.filesz > t->image_filesz)
		return fail(ld,
			"%s: initial-exec TLS of %s is initialised: threads to come could not have "
			"it",
			by->path, d->path);
	if (d->tls.filesz && (!t->tasks || tasks() != t->tasks))
		return fail(ld,
			"%s: initial-exec TLS of %s is initialised: threads that may run would not "
			"see it",
			by->path, d->path);
	t->surplus_start = size;
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
		const struct dso_tls *m = &ld->tls.modules[i]->tls;

		if (m->is_static)
			memcpy(image + tls_image_offset(ld, m->offset), (const void *)m->image,
				m->filesz);
	}
}

void tls_start_module(struct loader *ld, const struct dso *d)
{
	const struct dso_tls *m = &d->tls;

	if (!m->is_static || !m->filesz)
		return;
	memcpy((void *)(arch_thread_pointer() + (uintptr_t)m->offset), (const void *)m->image,
		m->filesz);
	memcpy(ld->tls.image + tls_image_offset(ld, m->offset), (const void *)m->image, m->filesz);
}

/* ---- Threads ---- */

struct tls_thread *tls_self(struct loader *ld)
{
	if (!ld->tls.live)
		return &ld->tls.alone;
	return (struct tls_thread *)(arch_thread_pointer() + (uintptr_t)ld->tls.slot);
}

static int grow_blocks(struct loader *ld, struct tls_thread *t, size_t module)
{
	size_t count = module + 8;
	void **blocks;

	/* Whoever frees this thread's blocks must know of it before there is one. */
	if (!t->blocks && ld->world->watch_thread && ld->world->watch_thread(ld, t) < 0)
		return -1;
	blocks = heap_alloc(&ld->heap, count * sizeof *blocks, 0, 0);
	if (!blocks)
		return -1;
	if (t->blocks)
		memcpy(blocks, t->blocks, t->count * sizeof *blocks);
	heap_free(&ld->heap, t->blocks);
	t->blocks = blocks;
	t->count = count;
	return 0;
}

static void *make_block(struct loader *ld, struct tls_thread *t, size_t module)
{
	const struct dso_tls *m = &ld->tls.modules[module]->tls;
	void *block;

	if (module >= t->count && grow_blocks(ld, t, module) < 0)
		return NULL;
	block = heap_alloc(&ld->heap, m->memsz, m->align, m->vaddr);
	if (!block)
		return NULL;
	memcpy(block, (const void *)m->image, m->filesz);
	return t->blocks[module] = block;
}

void *tls_peek(struct loader *ld, const struct dso *d)
{
	struct tls_thread *t;

	if (!d->tls.module)
		return NULL;
	if (d->tls.is_static)
		return ld->tls.live ? (void *)(arch_thread_pointer() + (uintptr_t)d->tls.offset)
				    : NULL;
	t = tls_self(ld);
	return d->tls.module < t->count ? t->blocks[d->tls.module] : NULL;
}

/* There is no way to report a failure here: the psABI's __tls_get_addr always returns an address.
 */
static void *first_use(struct loader *ld, size_t module)
{
	void *block;

	loader_lock(ld);
	loader_keep_signals_out(ld);
	block = make_block(ld, tls_self(ld), module);
	loader_unlock(ld);
	if (!block) {
		print(2, "myld.so: %s: no memory for a thread's TLS block (%zu bytes)\n",
			ld->tls.modules[module]->path, ld->tls.modules[module]->tls.memsz);
		sys_exit(127);
	}
	return block;
}

void *tls_address(const struct tls_index *index)
{
	const struct dso *d = __atomic_load_n(&loader.tls.modules, __ATOMIC_ACQUIRE)[index->module];
	char *block = tls_peek(&loader, d);

	if (!block)
		block = first_use(&loader, index->module);
	return block + index->offset + ARCH_DTP_BIAS;
}

/* The name that compilers call. */
extern __typeof(tls_address) __tls_get_addr
	__attribute__((alias("tls_address"), visibility("default")));

void tls_free_thread(struct loader *ld, struct tls_thread *t)
{
	loader_lock(ld);
	loader_keep_signals_out(ld);
	for (size_t i = 0; i < t->count; i++)
		heap_free(&ld->heap, t->blocks[i]);
	heap_free(&ld->heap, t->blocks);
	heap_free(&ld->heap, t->error);
	*t = (struct tls_thread){0};
	loader_unlock(ld);
}

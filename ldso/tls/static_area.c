/* static_area.c: the layout of static TLS, which lies at the same offset from every thread pointer
 * (Drepper, "ELF Handling For Thread-Local Storage", 3.4).
 *
 *	variant II (x86_64, i386, s390x)     surplus, slot | ... lib2 | lib1 | program |TP
 *	variant I (aarch64, riscv64, arm)    TP| gap | program | slot, surplus | lib1 | lib2 ...
 *	variant I, where all threads are known    TP| gap | program | lib1 | lib2 ... slot, surplus
 *
 * A block's address is congruent to its p_vaddr modulo p_align, as the linker assumed for
 * local-exec offsets.  The slot holds the loader's struct tls_thread.
 */
#include "tls/tls.h"
#include "base/mem.h"
#include "base/sys.h"
#include "state/libc.h"

/* The offset of a new block from the thread pointer; *size becomes the area's new size. */
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

static void place_module(struct loader *ld, struct dso *d)
{
	struct tls *t = &ld->tls;

	start_area(t);
	if (d->tls.align > t->align)
		t->align = d->tls.align;
	d->tls.offset = next_offset(&t->size, d->tls.memsz, d->tls.align, d->tls.vaddr);
	d->tls.is_static = true;
}

ptrdiff_t tls_reserve(struct loader *ld, size_t size, size_t align)
{
	struct tls *t = &ld->tls;

	start_area(t);
	if (align > t->align)
		t->align = align;
	return next_offset(&t->size, size, align, 0);
}

static void reserve_surplus(struct loader *ld, size_t surplus)
{
	struct tls *t = &ld->tls;

	t->slot = tls_reserve(ld, sizeof(struct tls_thread), sizeof(uintptr_t));
	t->surplus_start = t->size;
	t->surplus_end = t->size + surplus;
	t->size = t->surplus_end;
}

/* The kernel's count of the process's threads, as links of a directory; 0: unknown.  It tells
 * whether there are threads whose blocks cannot be initialised, as the loader does not know where
 * they are. */
static unsigned read_task_count(void)
{
	struct file_info info;

	return sys_stat("/proc/self/task", &info) < 0 ? 0 : info.links;
}

/* The directory has two links and one per thread.  An emulator's own threads count too, so the
 * count is read rather than assumed, unless it is unknown; too low a value only refuses more. */
void tls_count_tasks(struct loader *ld)
{
	unsigned n = read_task_count();

	ld->tls.tasks = n ? n : 2 + 1;
}

/* Checks that no thread would miss d's initialised block at `offset`, where the libc ABI cannot
 * copy it to all threads. */
static int check_unknown_threads(
	struct loader *ld, const struct dso *d, const struct dso *by, ptrdiff_t offset)
{
	struct tls *t = &ld->tls;

	if (ld->abi->start_static_tls || !d->tls.filesz)
		return 0;
	if (tls_image_offset(ld, offset) + d->tls.filesz > t->image_filesz)
		return fail(ld,
			"%s: initial-exec TLS of %s: cannot allocate initialised static TLS after "
			"start-up: later threads would not get it",
			by->path, d->path);
	if (!t->tasks || read_task_count() != t->tasks)
		return fail(ld,
			"%s: initial-exec TLS of %s: cannot allocate initialised static TLS while "
			"other threads may be running: they would not get it",
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
	if (ld->phase < PHASE_LAID_OUT) {
		place_module(ld, d);
		return 0;
	}
	if (t->modules[d->tls.module].has_blocks)
		return fail(ld,
			"%s: initial-exec TLS of %s: some threads already have it as dynamic TLS",
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

/* Whether tls_lay_out() places d's TLS: not the program's, which comes first, nor that of a libc
 * that relocates itself. */
static bool loader_places(const struct loader *ld, const struct dso *d)
{
	return d && d != ld->program && (d != ld->base.libc || !ld->abi->open_libc);
}

/* Whether the surplus ends the area: always in variant II, where that leaves the libraries near the
 * thread pointer.  In variant I it precedes the libraries, so that the image copied to new threads
 * covers it, unless the libc ABI itself initialises the blocks of all threads; that may give some
 * threads a smaller surplus. */
static bool surplus_is_last(const struct loader *ld)
{
	return ARCH_TLS_BELOW_TP || ld->abi->start_static_tls;
}

void tls_lay_out(struct loader *ld)
{
	struct tls *t = &ld->tls;

	if (ld->program->tls.module)
		place_module(ld, ld->program);
	if (!surplus_is_last(ld))
		reserve_surplus(ld, ld->abi->tls_surplus);
	for (size_t i = 1; i <= t->count; i++)
		if (loader_places(ld, t->modules[i].dso))
			place_module(ld, t->modules[i].dso);
}

/* Whether the program may open libraries: something was bound to a dlopen that the loader
 * overrides, or lazy binding leaves it open. */
static bool may_dlopen(const struct loader *ld)
{
	if (ld->may_dlopen || !ld->abi->override)
		return true;
	for (const struct dso *d = ld->first; d; d = dso_next(d))
		if (d->lazy)
			return true;
	return false;
}

/* A surplus that ends the area is reserved once it is known whether anything refers to dlopen. */
void tls_finish_layout(struct loader *ld)
{
	ld->may_dlopen = may_dlopen(ld);
	if (ld->abi->place_tls)
		ld->abi->place_tls(ld);
	if (surplus_is_last(ld))
		reserve_surplus(ld, ld->may_dlopen ? ld->abi->tls_surplus : 0);
	ld->phase = PHASE_LAID_OUT;
}

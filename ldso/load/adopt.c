/* adopt.c: registers what the kernel mapped; see adopt.h. */
#include "load/adopt.h"
#include "load/headers.h"
#include "load/map.h"
#include "load/segment.h"
#include "memory/kernel.h"
#include "object/dynamic.h"
#include "object/load_order.h"

static const struct vm_owner stack_owner = {.name = "[stack]"};

static int adopt_segment(struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	struct segment_bounds b = segment_bounds(ld, d, p);
	struct vm_what file = segment_file_part(ld, d, p), zero = segment_zero_part(d, p);
	int e = 0;

	file.flags = zero.flags = VM_FOREIGN | (p->p_flags & PF_W ? VM_ACCOUNTED : 0);
	if (d->kind == DSO_VDSO)
		file.kind = VM_VDSO;
	if (b.file_end > b.start)
		e = vm_adopt(&ld->vm, b.start, b.file_end, &file);
	if (e == 0 && b.end > b.file_end)
		e = vm_adopt(&ld->vm, b.file_end, b.end, &zero);
	if (e < 0)
		return segment_report(ld, d, "(register) a segment", b.start, b.end - b.start, e);
	return 0;
}

int map_adopt(struct loader *ld, struct dso *d, const Elf_Phdr *phdr, size_t phnum, uintptr_t base,
	const char *path)
{
	d->owner.name = d->path = path;
	d->phdr = phdr;
	d->phnum = phnum;
	d->base = base;
	d->type = base ? ET_DYN : ET_EXEC;
	if (headers_check(ld, d, UINT64_MAX) < 0 || headers_check_interp(ld, d) < 0)
		return -1;
	segment_span(ld, d, &d->start, &d->end);
	d->start += base;
	d->end += base;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (adopt_segment(ld, d, p) < 0)
			return -1;
	headers_decode(ld, d);
	return 0;
}

static struct dso *new_object(struct loader *ld, enum dso_kind kind)
{
	struct dso *d = dso_new(ld, kind);

	if (!d)
		fail(ld, "no memory for the loader's first objects");
	return d;
}

extern const Elf_Ehdr own_header __asm__("__ehdr_start");

/* The stack's exact bounds are unknown until /proc/self/maps is read (vm_refresh). */
int adopt_stack(struct loader *ld, unsigned prot)
{
	struct vm_what what = {.kind = VM_STACK,
		.prot = prot,
		.flags = VM_FOREIGN | VM_ACCOUNTED,
		.owner = &stack_owner};
	uintptr_t here = loader_page_down(ld, (uintptr_t)&what);
	uintptr_t end = loader_page_down(ld, (uintptr_t)ld->config.auxv + ld->config.page);

	if (prot & VM_X) {
		int e = kernel_protect_stack(here, end - here, prot);

		if (e < 0)
			return fail(ld, "%s: PT_GNU_STACK: cannot make the stack executable: %s",
				ld->program->path, errno_text(e));
	}
	return vm_adopt(&ld->vm, here, end, &what);
}

int adopt_self(struct loader *ld)
{
	struct dso *d = ld->self = new_object(ld, DSO_SELF);
	uintptr_t base = (uintptr_t)&own_header;
	const struct config *c = &ld->config;

	if (!d ||
		map_adopt(ld, d, (const Elf_Phdr *)(base + own_header.e_phoff), own_header.e_phnum,
			base, c->command ? c->execfn : "myld.so") < 0 ||
		dynamic_decode(ld, d) < 0)
		return -1;
	d->name = d->soname;
	d->relocated = true;
	d->state->init_state = INIT_DONE;
	return 0;
}

int adopt_vdso(struct loader *ld)
{
	const Elf_Ehdr *e = (const Elf_Ehdr *)ld->config.sysinfo_ehdr;
	struct dso *d;

	if (!e)
		return 0;
	d = ld->vdso = new_object(ld, DSO_VDSO);
	if (!d)
		return -1;
	d->relocated = true;
	d->state->init_state = INIT_DONE;
	if (map_adopt(ld, d, (const Elf_Phdr *)((uintptr_t)e + e->e_phoff), e->e_phnum,
		    (uintptr_t)e, "linux-vdso.so.1") < 0)
		return -1;
	load_order_append(ld, d);
	return 0;
}

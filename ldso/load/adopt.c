/* adopt.c: objects that the kernel mapped: the program, the loader, the vDSO. */
#include "load/headers.h"
#include "load/map.h"
#include "load/segment.h"

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

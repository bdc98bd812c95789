/* protect.c: changes of the protection of an object's segments. */
#include "load/map.h"
#include "load/segment.h"

/* Makes the part of [start, end) that lies in one segment read-only.  -errno. */
static int protect_part(struct loader *ld, uintptr_t start, uintptr_t end, struct segment_bounds b)
{
	if (start < b.start)
		start = b.start;
	if (end > b.end)
		end = b.end;
	return start < end ? vm_protect(&ld->vm, start, end - start, VM_R) : 0;
}

/* Only what was writable: the first page may be the end of the text, and there may be holes. */
int map_protect_relro(struct loader *ld, struct dso *d)
{
	if (d->relro_done || d->relro_end <= d->relro_start)
		return 0;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		int e = p->p_flags & PF_W ? protect_part(ld, d->relro_start, d->relro_end,
						    segment_bounds(ld, d, p))
					  : 0;

		if (e < 0)
			return fail(ld, "%s: cannot protect RELRO (0x%lx - 0x%lx): %s", d->path,
				d->relro_start, d->relro_end, errno_text(e));
	}
	d->relro_done = true;
	return 0;
}

int map_protect_all(struct loader *ld)
{
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind != DSO_VDSO && map_protect_relro(ld, d) < 0)
			return -1;
	return 0;
}

static int protect_text(struct loader *ld, struct dso *d, unsigned added)
{
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		struct segment_bounds b = segment_bounds(ld, d, p);
		int e;

		if (p->p_flags & PF_W || b.end == b.start)
			continue;
		e = vm_protect(&ld->vm, b.start, b.end - b.start, segment_prot(p) | added);
		if (e < 0)
			return fail(ld, "%s: DT_TEXTREL: cannot protect 0x%lx - 0x%lx: %s", d->path,
				b.start, b.end, errno_text(e));
	}
	return 0;
}

int map_unprotect_text(struct loader *ld, struct dso *d)
{
	return protect_text(ld, d, VM_W);
}

int map_protect_text(struct loader *ld, struct dso *d)
{
	return protect_text(ld, d, 0);
}

/* segment.c: converts a PT_LOAD to page bounds; see segment.h. */
#include "load/segment.h"

unsigned segment_prot(const Elf_Phdr *p)
{
	return (p->p_flags & PF_R ? VM_R : 0) | (p->p_flags & PF_W ? VM_W : 0) |
	       (p->p_flags & PF_X ? VM_X : 0);
}

struct segment_bounds segment_bounds(
	const struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	uintptr_t v = d->base + p->p_vaddr;
	struct segment_bounds b = {loader_page_down(ld, v), loader_page_down(ld, v),
		loader_page_up(ld, v + p->p_memsz)};

	if (p->p_filesz)
		b.file_end = loader_page_up(ld, v + p->p_filesz);
	return b;
}

struct vm_what segment_file_part(const struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	return (struct vm_what){.kind = VM_FILE,
		.prot = segment_prot(p),
		.flags = VM_FIXED,
		.owner = &d->owner,
		.offset = p->p_offset & -(uint64_t)ld->config.page,
		.dev = d->dev,
		.ino = d->ino};
}

struct vm_what segment_zero_part(const struct dso *d, const Elf_Phdr *p)
{
	return (struct vm_what){
		.kind = VM_ANON, .prot = segment_prot(p), .flags = VM_FIXED, .owner = &d->owner};
}

int segment_report(struct loader *ld, const struct dso *d, const char *what, uintptr_t at,
	size_t len, int error)
{
	return fail(ld, "%s: cannot map %s (0x%jx bytes at 0x%jx): %s", d->path, what,
		(uint64_t)len, (uint64_t)at, errno_text(error));
}

void segment_span(const struct loader *ld, const struct dso *d, uintptr_t *start, uintptr_t *end)
{
	*start = UINTPTR_MAX;
	*end = 0;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		if (p->p_vaddr < *start)
			*start = p->p_vaddr;
		if (p->p_vaddr + p->p_memsz > *end)
			*end = p->p_vaddr + p->p_memsz;
	}
	*start = loader_page_down(ld, *start);
	*end = loader_page_up(ld, *end);
}

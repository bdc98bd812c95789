/* image.c: see image.h. */
#include "lib/image.h"

#include <string.h>

#include "lib/symbols.h"

enum { SEGMENTS = 4 };

static Elf_Phdr segment(uint32_t type, uint32_t flags, uintptr_t start, uintptr_t end)
{
	return (Elf_Phdr){.p_type = type,
		.p_flags = flags,
		.p_vaddr = start,
		.p_offset = start,
		.p_filesz = end - start,
		.p_memsz = end - start};
}

struct dso *image_make(struct loader *ld, const char *path)
{
	struct dso *d = sample_object(ld, path);
	Elf_Phdr *phdr = arena_alloc(&ld->permanent, SEGMENTS * sizeof *phdr);

	phdr[0] = segment(PT_LOAD, PF_R | PF_X, IMAGE_CODE, IMAGE_DATA);
	phdr[1] = segment(PT_LOAD, PF_R | PF_W, IMAGE_DATA, IMAGE_CONST);
	phdr[2] = segment(PT_LOAD, PF_R, IMAGE_CONST, IMAGE_END);
	phdr[3] = segment(PT_DYNAMIC, PF_R | PF_W, IMAGE_DYNAMIC, IMAGE_DYNAMIC);
	d->phdr = phdr;
	d->phnum = SEGMENTS;
	d->type = ET_DYN;
	d->base = (uintptr_t)heap_alloc(&ld->heap, IMAGE_END, 16, 0);
	d->start = d->base;
	d->end = d->base + IMAGE_END;
	return d;
}

void *image_put(struct dso *d, uintptr_t v, const void *bytes, size_t n)
{
	return memcpy(dso_at(d, v), bytes, n);
}

void image_dynamic(struct dso *d, const Elf_Dyn *tags, size_t n)
{
	Elf_Phdr *p = (Elf_Phdr *)&d->phdr[SEGMENTS - 1];

	d->map->l_ld = image_put(d, IMAGE_DYNAMIC, tags, n * sizeof *tags);
	d->map->l_ld[n].d_tag = DT_NULL;
	p->p_filesz = p->p_memsz = (n + 1) * sizeof *tags;
}

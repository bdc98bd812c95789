/* find_object.c: glibc's _dl_find_object over dl_iterate_phdr.  The libgcc_eh of a compiler built
 * for glibc finds an object's unwind tables by that function alone, and musl has none; so unwinding
 * in fixtures rests on what the loader tells dl_iterate_phdr.
 */
#define _GNU_SOURCE
#define _dl_find_object of_the_header
#include <link.h>
#undef _dl_find_object
#include <stddef.h>

struct found {
	unsigned long long flags;
	void *map_start, *map_end;
	struct link_map *link_map;
	void *eh_frame_hdr;
};

struct search {
	ElfW(Addr) pc;
	struct found *found;
};

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	struct search *search = data;
	const ElfW(Phdr) * p, *hdr = NULL, *load = NULL;

	(void)size;
	for (p = info->dlpi_phdr; p < info->dlpi_phdr + info->dlpi_phnum; p++) {
		if (p->p_type == PT_LOAD && search->pc - info->dlpi_addr - p->p_vaddr < p->p_memsz)
			load = p;
		if (p->p_type == PT_GNU_EH_FRAME)
			hdr = p;
	}
	if (!load || !hdr)
		return 0;
	*search->found = (struct found){
		.map_start = (void *)(info->dlpi_addr + load->p_vaddr),
		.map_end = (void *)(info->dlpi_addr + load->p_vaddr + load->p_memsz),
		.eh_frame_hdr = (void *)(info->dlpi_addr + hdr->p_vaddr),
	};
	return 1;
}

int _dl_find_object(void *pc, struct found *found);
int _dl_find_object(void *pc, struct found *found)
{
	struct search search = {(ElfW(Addr))pc, found};

	return dl_iterate_phdr(visit, &search) ? 0 : -1;
}

/* headers.c: reads and checks the headers of a file; see headers.h. */
#include "load/headers.h"
#include "base/mem.h"
#include "load/segment.h"
#include "search/fit.h"
#include "state/words.h"

#define MAX_ALIGN ((uintptr_t)1 << 30)

static int check_ehdr(struct loader *ld, const struct image *im)
{
	const char *path = im->file->path;
	const Elf_Ehdr *e = im->ehdr;
	uint64_t size = im->file->info.size;
	struct unfit why;

	if (!fit_check(im->head, im->head_size, &why))
		return search_fail_unfit(ld, path, &why);
	if (e->e_phnum == 0 || e->e_phnum == PN_XNUM)
		return fail_unfit(ld, im->name, path,
			e->e_phnum ? NULL : "object file has no loadable segments",
			"e_phnum %u, expected 1 to 65534", e->e_phnum);
	if (e->e_phoff % sizeof(uintptr_t))
		return fail(ld, "%s: e_phoff 0x%jx, expected a multiple of %zu", path,
			(uint64_t)e->e_phoff, sizeof(uintptr_t));
	if (e->e_phoff > size || e->e_phnum * sizeof(Elf_Phdr) > size - e->e_phoff)
		return fail_unfit(ld, path, path, "cannot read file data",
			"e_phoff 0x%jx, e_phnum %u: program headers end beyond the file (%ju "
			"bytes)",
			(uint64_t)e->e_phoff, e->e_phnum, size);
	return 0;
}

/* Sets im->head to the file's first bytes, which it reads unless the search has. */
static int read_head(struct loader *ld, struct image *im)
{
	const struct found *f = im->file;
	unsigned char *head;
	long n;

	im->head = f->head;
	im->head_size = f->head_size;
	if (im->head_size)
		return 0;
	head = arena_alloc(&ld->scratch, sizeof f->head);
	if (!head)
		return fail(ld, "%s: no memory for its headers", f->path);
	n = sys_read(f->fd, head, sizeof f->head);
	if (n < 0)
		return fail(ld, "%s: cannot read: %s", f->path, errno_text(n));
	im->head = head;
	im->head_size = (size_t)n;
	return 0;
}

int headers_read(struct loader *ld, struct image *im)
{
	const char *path = im->file->path;
	size_t bytes;
	long n;
	void *table;

	if (read_head(ld, im) < 0)
		return -1;
	im->ehdr = (const void *)im->head;
	if (check_ehdr(ld, im) < 0)
		return -1;
	bytes = im->ehdr->e_phnum * sizeof(Elf_Phdr);
	if (im->ehdr->e_phoff + bytes <= im->head_size) {
		im->phdr = (const void *)(im->head + im->ehdr->e_phoff);
		return 0;
	}
	table = arena_alloc(&ld->scratch, bytes);
	if (!table)
		return fail(ld, "%s: no memory for %u program headers", path, im->ehdr->e_phnum);
	n = sys_pread(im->file->fd, table, bytes, im->ehdr->e_phoff);
	if (n < 0 || (size_t)n < bytes)
		return fail(ld, "%s: cannot read its program headers: %s", path,
			n < 0 ? errno_text(n) : "the file was truncated");
	im->phdr = table;
	return 0;
}

static int check_load(struct loader *ld, const struct dso *d, const Elf_Phdr *p, uint64_t file_size)
{
	unsigned i = (unsigned)(p - d->phdr);
	uintptr_t align = p->p_align ? p->p_align : 1;

	if (p->p_filesz > p->p_memsz)
		return fail(ld, "%s: segment %u: p_filesz 0x%jx, expected at most p_memsz 0x%jx",
			d->path, i, (uint64_t)p->p_filesz, (uint64_t)p->p_memsz);
	if (p->p_vaddr >= ARCH_MAX_ADDR || p->p_memsz >= ARCH_MAX_ADDR - p->p_vaddr)
		return fail(ld,
			"%s: segment %u: p_vaddr 0x%jx, p_memsz 0x%jx: ends beyond the address "
			"space",
			d->path, i, (uint64_t)p->p_vaddr, (uint64_t)p->p_memsz);
	if (align & (align - 1) || align > MAX_ALIGN)
		return fail(ld,
			"%s: segment %u: p_align 0x%jx, expected a power of two up to 0x%jx",
			d->path, i, (uint64_t)align, (uint64_t)MAX_ALIGN);
	/* The gABI wants them to be congruent modulo p_align, but tools that change files keep no more
	 * than what mmap needs, and every loader takes that. */
	if (p->p_filesz && (p->p_vaddr - p->p_offset) & (ld->config.page - 1))
		return fail_unfit(ld, words_asked(d), d->path,
			"ELF load command address/offset not page-aligned",
			"segment %u: p_vaddr 0x%jx and p_offset 0x%jx differ modulo 0x%jx", i,
			(uint64_t)p->p_vaddr, (uint64_t)p->p_offset, (uint64_t)ld->config.page);
	if (p->p_filesz && (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset))
		return fail(ld,
			"%s: segment %u: p_offset 0x%jx, p_filesz 0x%jx: ends beyond the file (%ju "
			"bytes)",
			d->path, i, (uint64_t)p->p_offset, (uint64_t)p->p_filesz, file_size);
	return 0;
}

/* Two segments in one page would be one's bytes and protection for both. */
static int check_order(
	struct loader *ld, const struct dso *d, const Elf_Phdr *p, const Elf_Phdr *before)
{
	uintptr_t first = loader_page_up(ld, before->p_vaddr + before->p_memsz);

	if (p->p_vaddr >= first)
		return 0;
	return fail(ld,
		"%s: segment %u: p_vaddr 0x%jx, expected at least 0x%jx, the first page behind "
		"segment %u",
		d->path, (unsigned)(p - d->phdr), (uint64_t)p->p_vaddr, (uint64_t)first,
		(unsigned)(before - d->phdr));
}

/* Each segment by itself, then their order: ld.so has no words for the latter. */
static int check_loads(struct loader *ld, const struct dso *d, uint64_t file_size)
{
	const Elf_Phdr *before = NULL;

	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (check_load(ld, d, p, file_size) < 0)
			return -1;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; before = p, p = dso_next_load(d, p))
		if (before && check_order(ld, d, p, before) < 0)
			return -1;
	if (before)
		return 0;
	return fail_unfit(ld, words_asked(d), d->path, "object file has no loadable segments",
		"no PT_LOAD among its %zu program headers: nothing to map", d->phnum);
}

static int check_tls(struct loader *ld, struct dso *d, const Elf_Phdr *p)
{
	uintptr_t align = p->p_align ? p->p_align : 1;

	if (p->p_filesz > p->p_memsz)
		return fail(ld, "%s: PT_TLS: p_filesz 0x%jx, expected at most p_memsz 0x%jx",
			d->path, (uint64_t)p->p_filesz, (uint64_t)p->p_memsz);
	if (align & (align - 1) || align > MAX_ALIGN)
		return fail(ld, "%s: PT_TLS: p_align 0x%jx, expected a power of two up to 0x%jx",
			d->path, (uint64_t)align, (uint64_t)MAX_ALIGN);
	if (p->p_memsz > ARCH_MAX_ADDR / 2)
		return fail(ld, "%s: PT_TLS: p_memsz 0x%jx: larger than the address space allows",
			d->path, (uint64_t)p->p_memsz);
	if (p->p_filesz && !dso_contains(d, p->p_vaddr, p->p_filesz, PF_R))
		return fail(ld, "%s: PT_TLS: p_vaddr 0x%jx, p_filesz 0x%jx: not within a segment",
			d->path, (uint64_t)p->p_vaddr, (uint64_t)p->p_filesz);
	return 0;
}

/* Whether the pages of PT_GNU_RELRO lie between the first segment's and the last one's.  Linkers begin it
 * at an empty .tbss, in front of its segment, and pad it to the end of a page, which may be larger than
 * this machine's. */
static bool relro_fits(const struct loader *ld, const struct dso *d, const Elf_Phdr *relro)
{
	uintptr_t first = loader_page_down(ld, relro->p_vaddr),
		  last = loader_page_down(ld, relro->p_vaddr + relro->p_memsz), start, end;

	segment_span(ld, d, &start, &end);
	return start <= first && first <= last && last <= end;
}

/* Checks all program headers but PT_LOAD. */
static int check_others(struct loader *ld, struct dso *d)
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++) {
		const char *what = p->p_type == PT_DYNAMIC  ? "PT_DYNAMIC"
				   : p->p_type == PT_INTERP ? "PT_INTERP"
				   : p->p_type == PT_PHDR   ? "PT_PHDR"
							    : NULL;

		if (p->p_type == PT_TLS && check_tls(ld, d, p) < 0)
			return -1;
		if (p->p_type == PT_GNU_RELRO && p->p_memsz && !relro_fits(ld, d, p))
			return fail(ld,
				"%s: PT_GNU_RELRO: p_vaddr 0x%jx, p_memsz 0x%jx: not within a "
				"segment",
				d->path, (uint64_t)p->p_vaddr, (uint64_t)p->p_memsz);
		if (what && p->p_memsz && !dso_contains(d, p->p_vaddr, p->p_memsz, 0))
			return fail(ld,
				"%s: %s: p_vaddr 0x%jx, p_memsz 0x%jx: not within a segment",
				d->path, what, (uint64_t)p->p_vaddr, (uint64_t)p->p_memsz);
		if (p->p_type == PT_DYNAMIC && p->p_vaddr % sizeof(uintptr_t))
			return fail(ld, "%s: PT_DYNAMIC: p_vaddr 0x%jx, expected a multiple of %zu",
				d->path, (uint64_t)p->p_vaddr, sizeof(uintptr_t));
		if (p->p_type == PT_LOAD && (p->p_flags & (PF_W | PF_X)) == (PF_W | PF_X))
			debug(ld, DEBUG_FILES, "%s: warning: segment %u is writable and executable",
				d->path, (unsigned)(p - d->phdr));
	}
	return 0;
}

/* Whether a PT_DYNAMIC of d has bytes in its file; *empty: one has none, as in files of debugging
 * information alone. */
static bool has_dynamic(const struct dso *d, bool *empty)
{
	bool found = false;

	*empty = false;
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_DYNAMIC)
			*(p->p_filesz ? &found : empty) = true;
	return found;
}

/* Refuses what is no library.  A program at a fixed address may do without a dynamic section. */
static int check_kind(struct loader *ld, const struct dso *d)
{
	bool empty, dynamic = has_dynamic(d, &empty);

	if (d->kind == DSO_LIBRARY && d->type == ET_EXEC)
		return fail_unfit(ld, words_asked(d), d->path, "cannot dynamically load executable",
			"e_type 2 (ET_EXEC): a program, not a library");
	if (empty)
		return fail_unfit(ld, words_asked(d), d->path, "object file has no dynamic section",
			"PT_DYNAMIC: p_filesz 0, as in a file of debugging information");
	if (!dynamic && d->type == ET_DYN)
		return fail_unfit(ld, words_asked(d), d->path, "object file has no dynamic section",
			"no PT_DYNAMIC");
	return 0;
}

int headers_check(struct loader *ld, struct dso *d, uint64_t file_size)
{
	if (check_loads(ld, d, file_size) < 0)
		return -1;
	if (check_kind(ld, d) < 0)
		return -1;
	return check_others(ld, d);
}

static void decode_header(struct loader *ld, struct dso *d, const Elf_Phdr *p)
{
	switch (p->p_type) {
	case PT_DYNAMIC: d->map->l_ld = dso_at(d, p->p_vaddr); break;
	case PT_INTERP:
		/* headers_check_interp() has checked that it ends with a 0. */
		if (d->kind == DSO_PROGRAM)
			d->interp = dso_at(d, p->p_vaddr);
		break;
	case PT_TLS:
		d->tls.image = d->base + p->p_vaddr;
		d->tls.vaddr = p->p_vaddr;
		d->tls.filesz = p->p_filesz;
		d->tls.memsz = p->p_memsz;
		d->tls.align = p->p_align ? p->p_align : 1;
		break;
	case PT_GNU_STACK:
		/* Only PF_X matters: a stack is always readable and writable. */
		d->stack_prot = VM_R | VM_W | (p->p_flags & PF_X ? VM_X : 0);
		d->stack_size = p->p_memsz;
		break;
	case PT_GNU_RELRO:
		/* The end is rounded down, since data that shares the last page with it must stay
		 * writable; the linker pads it. */
		d->relro_start = loader_page_down(ld, d->base + p->p_vaddr);
		d->relro_end = loader_page_down(ld, d->base + p->p_vaddr + p->p_memsz);
		break;
	}
}

void headers_decode(struct loader *ld, struct dso *d)
{
	d->map->l_addr = d->base;
	d->map->l_name = d->path;
	d->stack_prot = VM_R | VM_W;
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		decode_header(ld, d, p);
}

const Elf_Phdr *headers_mapped(struct loader *ld, struct dso *d, const Elf_Ehdr *e)
{
	size_t bytes = e->e_phnum * sizeof(Elf_Phdr);
	void *copy;

	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (e->e_phoff >= p->p_offset && e->e_phoff - p->p_offset < p->p_filesz &&
			bytes <= p->p_filesz - (e->e_phoff - p->p_offset) && p->p_flags & PF_R)
			return dso_at(d, p->p_vaddr + (e->e_phoff - p->p_offset));
	copy = dso_alloc(ld, d, bytes);
	return copy ? memcpy(copy, d->phdr, bytes) : NULL;
}

int headers_check_interp(struct loader *ld, const struct dso *d)
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_INTERP && d->kind == DSO_PROGRAM) {
			if (!dso_contains(d, p->p_vaddr, p->p_memsz, PF_R) ||
				strnlen(dso_at(d, p->p_vaddr), p->p_memsz) == p->p_memsz)
				return fail(ld, "%s: PT_INTERP: not a readable, terminated string",
					d->path);
		}
	return 0;
}

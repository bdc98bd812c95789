/* map.c: verifies an ELF file's headers, then maps its segments.
 *
 * Nothing is mapped before every header has been checked, and nothing stays mapped when a later
 * step fails.  The whole span is taken first, then each PT_LOAD is committed into it (gABI,
 *"Program Loading"):
 *
 *	reserve    |..................................................|
 *	commit     | r-- file | r-x file | r-- file |....| rw- file|rw- zero |
 *	                                             hole    ^ tail of the page zeroed
 *
 * Where there is no hole, the first segment mapped over the span serves as the reservation; and
 *where an address is known to be free, each segment is mapped by itself.
 */
#include "load/map.h"
#include "base/mem.h"

#define MAX_ALIGN ((uintptr_t)1 << 30)

static uintptr_t page_down(const struct loader *ld, uintptr_t v)
{
	return v & -ld->config.page;
}

static uintptr_t page_up(const struct loader *ld, uintptr_t v)
{
	return (v + ld->config.page - 1) & -ld->config.page;
}

static unsigned segment_prot(const Elf_Phdr *p)
{
	return (p->p_flags & PF_R ? VM_R : 0) | (p->p_flags & PF_W ? VM_W : 0) |
	       (p->p_flags & PF_X ? VM_X : 0);
}

/* The PT_LOAD of d after p (NULL: the first), or NULL; empty ones map nothing and do not count. */
static const Elf_Phdr *next_load(const struct dso *d, const Elf_Phdr *p)
{
	for (p = p ? p + 1 : d->phdr; p < d->phdr + d->phnum; p++)
		if (p->p_type == PT_LOAD && p->p_memsz)
			return p;
	return NULL;
}

static const Elf_Phdr *load_of(const struct dso *d, uintptr_t v, unsigned flags)
{
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p))
		if (v - p->p_vaddr < p->p_memsz && (p->p_flags & flags) == flags)
			return p;
	return NULL;
}

bool dso_contains(const struct dso *d, uintptr_t v, size_t size, unsigned flags)
{
	const Elf_Phdr *p = load_of(d, v, flags);

	return p && size <= p->p_memsz - (v - p->p_vaddr);
}

size_t dso_room(const struct dso *d, uintptr_t v)
{
	const Elf_Phdr *p = load_of(d, v, PF_R);

	return p ? p->p_memsz - (v - p->p_vaddr) : 0;
}

/* ---- The ELF header ---- */

struct image {
	const struct found *file;
	const unsigned char *head; /* the file's first bytes */
	size_t head_size;
	const Elf_Ehdr *ehdr;
	const Elf_Phdr *phdr;
};

static int refuse_script(struct loader *ld, const struct image *im)
{
	char line[80];
	size_t n = 0;

	while (n < sizeof line - 1 && n + 2 < im->head_size && im->head[n + 2] != '\n') {
		line[n] = (char)im->head[n + 2];
		n++;
	}
	line[n] = 0;
	return fail(ld,
		"%s: a script (#!) for '%s', not an ELF program: run its interpreter instead",
		im->file->path, line + (line[0] == ' '));
}

/* Programs look for the words before the second colon in dlerror's text: they are those that glibc
 * has made known. */
static int check_ident(struct loader *ld, const struct image *im)
{
	const char *path = im->file->path;
	const unsigned char *id = im->head;

	if (im->head_size >= 2 && id[0] == '#' && id[1] == '!')
		return refuse_script(ld, im);
	if (im->head_size < sizeof(Elf_Ehdr))
		return fail(ld, "%s: file too short: %zu bytes, expected an ELF header (%zu)", path,
			im->head_size, sizeof(Elf_Ehdr));
	if (memcmp(id, ELFMAG, SELFMAG))
		return fail(ld, "%s: invalid ELF header: no magic number (0x7f 'ELF')", path);
	if (id[EI_CLASS] != ELF_CLASS)
		return fail(ld, "%s: wrong ELF class: ELFCLASS%u, expected ELFCLASS%u", path,
			id[EI_CLASS] * 32u, ARCH_BITS);
	if (id[EI_DATA] != ARCH_DATA)
		return fail(ld, "%s: ELF data encoding %u, expected %u (%s endian)", path,
			id[EI_DATA], ARCH_DATA, ARCH_DATA == ELFDATA2LSB ? "little" : "big");
	if (id[EI_VERSION] != EV_CURRENT)
		return fail(ld, "%s: ELF version %u, expected 1", path, id[EI_VERSION]);
	return 0;
}

static int check_ehdr(struct loader *ld, const struct image *im)
{
	const char *path = im->file->path;
	const Elf_Ehdr *e = im->ehdr;
	uint64_t size = im->file->info.size;

	if (e->e_machine != ARCH_MACHINE)
		return fail(ld, "%s: e_machine %u, expected %u (%s)", path, e->e_machine,
			ARCH_MACHINE, ARCH_NAME);
	if (e->e_type != ET_EXEC && e->e_type != ET_DYN)
		return fail(
			ld, "%s: e_type %u, expected 2 (ET_EXEC) or 3 (ET_DYN)", path, e->e_type);
	if (!arch_flags_ok(e->e_flags))
		return fail(ld, "%s: e_flags 0x%x: not the ABI of this machine's programs", path,
			e->e_flags);
	if (e->e_phentsize != sizeof(Elf_Phdr))
		return fail(ld, "%s: e_phentsize %u, expected %zu", path, e->e_phentsize,
			sizeof(Elf_Phdr));
	if (e->e_phnum == 0 || e->e_phnum == PN_XNUM)
		return fail(ld, "%s: e_phnum %u, expected 1 to 65534", path, e->e_phnum);
	if (e->e_phoff % sizeof(uintptr_t))
		return fail(ld, "%s: e_phoff 0x%jx, expected a multiple of %zu", path,
			(uint64_t)e->e_phoff, sizeof(uintptr_t));
	if (e->e_phoff > size || e->e_phnum * sizeof(Elf_Phdr) > size - e->e_phoff)
		return fail(ld,
			"%s: e_phoff 0x%jx, e_phnum %u: program headers end beyond the file (%ju "
			"bytes)",
			path, (uint64_t)e->e_phoff, e->e_phnum, size);
	return 0;
}

/* The file's first bytes, read now unless the search has them. */
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
	n = sys_pread(f->fd, head, sizeof f->head, 0);
	if (n < 0)
		return fail(ld, "%s: cannot read: %s", f->path, errno_text(n));
	im->head = head;
	im->head_size = (size_t)n;
	return 0;
}

static int read_headers(struct loader *ld, struct image *im)
{
	const char *path = im->file->path;
	size_t bytes;
	long n;
	void *table;

	if (read_head(ld, im) < 0)
		return -1;
	im->ehdr = (const void *)im->head;
	if (check_ident(ld, im) < 0 || check_ehdr(ld, im) < 0)
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
			n < 0 ? errno_text(n) : "the file has become shorter");
	im->phdr = table;
	return 0;
}

/* ---- The program headers ---- */

static int check_load(struct loader *ld, const struct dso *d, const Elf_Phdr *p,
	const Elf_Phdr *before, uint64_t file_size)
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
	if (align < ld->config.page)
		align = ld->config.page;
	if (p->p_filesz && (p->p_vaddr - p->p_offset) & (align - 1))
		return fail(ld,
			"%s: segment %u: p_vaddr 0x%jx and p_offset 0x%jx differ modulo 0x%jx",
			d->path, i, (uint64_t)p->p_vaddr, (uint64_t)p->p_offset, (uint64_t)align);
	if (p->p_filesz && (p->p_offset > file_size || p->p_filesz > file_size - p->p_offset))
		return fail(ld,
			"%s: segment %u: p_offset 0x%jx, p_filesz 0x%jx: ends beyond the file (%ju "
			"bytes)",
			d->path, i, (uint64_t)p->p_offset, (uint64_t)p->p_filesz, file_size);
	/* Two segments in one page would be one's bytes and protection for both. */
	if (before && p->p_vaddr < page_up(ld, before->p_vaddr + before->p_memsz))
		return fail(ld,
			"%s: segment %u: p_vaddr 0x%jx, expected at least 0x%jx, the first page "
			"behind segment %u",
			d->path, i, (uint64_t)p->p_vaddr,
			(uint64_t)page_up(ld, before->p_vaddr + before->p_memsz),
			(unsigned)(before - d->phdr));
	return 0;
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
		return fail(ld, "%s: PT_TLS: p_memsz 0x%jx: no thread could have that much",
			d->path, (uint64_t)p->p_memsz);
	if (p->p_filesz && !dso_contains(d, p->p_vaddr, p->p_filesz, PF_R))
		return fail(ld, "%s: PT_TLS: p_vaddr 0x%jx, p_filesz 0x%jx: not within a segment",
			d->path, (uint64_t)p->p_vaddr, (uint64_t)p->p_filesz);
	return 0;
}

/* RELRO may be padded beyond its segment to the end of a page. */
static bool relro_fits(const struct loader *ld, const struct dso *d, const Elf_Phdr *relro)
{
	const Elf_Phdr *p = load_of(d, relro->p_vaddr, 0);

	return p && relro->p_memsz <= page_up(ld, p->p_vaddr + p->p_memsz) - relro->p_vaddr;
}

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

static int check_phdrs(struct loader *ld, struct dso *d, uint64_t file_size)
{
	const Elf_Phdr *before = NULL;

	for (const Elf_Phdr *p = next_load(d, NULL); p; before = p, p = next_load(d, p))
		if (check_load(ld, d, p, before, file_size) < 0)
			return -1;
	if (!before)
		return fail(ld, "%s: no PT_LOAD among its %zu program headers: nothing to map",
			d->path, d->phnum);
	return check_others(ld, d);
}

/* ---- Mapping ---- */

static uintptr_t span_align(const struct loader *ld, const struct dso *d)
{
	uintptr_t align = ld->config.page;

	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p))
		if (p->p_align > align)
			align = p->p_align;
	return align;
}

/* [*start, *end): page bounds of all PT_LOADs, not relocated. */
static void span(const struct loader *ld, const struct dso *d, uintptr_t *start, uintptr_t *end)
{
	*start = UINTPTR_MAX;
	*end = 0;
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p)) {
		if (p->p_vaddr < *start)
			*start = p->p_vaddr;
		if (p->p_vaddr + p->p_memsz > *end)
			*end = p->p_vaddr + p->p_memsz;
	}
	*start = page_down(ld, *start);
	*end = page_up(ld, *end);
}

static int cannot_map(struct loader *ld, const struct dso *d, const char *what, uintptr_t at,
	size_t len, int error)
{
	return fail(ld, "%s: cannot map %s (0x%jx bytes at 0x%jx): %s", d->path, what,
		(uint64_t)len, (uint64_t)at, errno_text(error));
}

/* The part of the segment's last file page behind the file's bytes belongs to .bss and must be
 * zero; the gABI leaves it undefined in the file. */
static int zero_tail(struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	uintptr_t tail = d->base + p->p_vaddr + p->p_filesz, page = page_down(ld, tail);
	bool writable = p->p_flags & PF_W;
	int e;

	if (p->p_memsz == p->p_filesz || tail == page)
		return 0;
	if (!writable && (e = vm_protect(&ld->vm, page, ld->config.page, VM_R | VM_W)) < 0)
		return e;
	memset((void *)tail, 0, page + ld->config.page - tail);
	return writable ? 0 : vm_protect(&ld->vm, page, ld->config.page, segment_prot(p));
}

/* Where the segment's three page bounds lie: its start, the end of its file pages, its end. */
struct bounds {
	uintptr_t start, file_end, end;
};

static struct bounds bounds_of(const struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	uintptr_t v = d->base + p->p_vaddr;
	struct bounds b = {page_down(ld, v), page_down(ld, v), page_up(ld, v + p->p_memsz)};

	if (p->p_filesz)
		b.file_end = page_up(ld, v + p->p_filesz);
	return b;
}

bool map_data(const struct loader *ld, const struct dso *d, unsigned i, uintptr_t *at, size_t *len)
{
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p)) {
		struct bounds b = bounds_of(ld, d, p);

		if (!(p->p_flags & PF_W) || b.file_end == b.start || i--)
			continue;
		*at = b.start;
		*len = b.file_end - b.start;
		return true;
	}
	return false;
}

static struct vm_what file_part(const struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	return (struct vm_what){.kind = VM_FILE,
		.prot = segment_prot(p),
		.flags = VM_FIXED,
		.owner = &d->owner,
		.offset = p->p_offset & -(uint64_t)ld->config.page,
		.dev = d->dev,
		.ino = d->ino};
}

static struct vm_what zero_part(const struct dso *d, const Elf_Phdr *p)
{
	return (struct vm_what){
		.kind = VM_ANON, .prot = segment_prot(p), .flags = VM_FIXED, .owner = &d->owner};
}

/* Whether map_span() has mapped just this already. */
static bool in_place(const struct loader *ld, struct bounds b, const struct vm_what *w)
{
	const struct vm_area *a = vm_lookup(&ld->vm, b.start);

	return a && a->start == b.start && a->what.kind == VM_FILE && a->what.owner == w->owner &&
	       a->what.prot == w->prot && a->what.offset == w->offset;
}

/* Writable pages that a snapshot holds: relocated, and zero behind the file's bytes. */
static int map_snapshot(struct loader *ld, const struct dso *d, struct bounds b,
	struct vm_what *file, const struct placement *place)
{
	uint64_t offset = place->offset;
	uintptr_t at;
	size_t len;

	for (unsigned i = 0; map_data(ld, d, i, &at, &len) && at < b.start; i++)
		offset += len;
	/* What lies behind the end of a file is there to be mapped, but not to be read. */
	if (offset > place->size || b.file_end - b.start > place->size - offset)
		return -SYS_EINVAL;
	file->offset = offset;
	file->dev = place->dev;
	file->ino = place->ino;
	return vm_map(&ld->vm, b.start, b.file_end - b.start, file, place->fd, NULL);
}

/* How a file's segments are mapped, and what the last call was about. */
struct commit {
	const struct found *found;
	unsigned how; /* VM_FIXED: over a reservation; VM_VACANT: where nothing is */
	const char *what;
	uintptr_t at;
	size_t len;
};

/* A negative errno; then all below c->at is mapped. */
static int commit_segment(
	struct loader *ld, const struct dso *d, const Elf_Phdr *p, struct commit *c)
{
	struct bounds b = bounds_of(ld, d, p);
	struct vm_what file = file_part(ld, d, p), zero = zero_part(d, p);
	bool kept = c->found->place && c->found->place->kept && p->p_flags & PF_W;
	int e = 0;

	file.flags = zero.flags = c->how;
	if (b.file_end > b.start) {
		c->what = "a segment";
		c->at = b.start;
		c->len = b.file_end - b.start;
		if (kept)
			e = map_snapshot(ld, d, b, &file, c->found->place);
		else if (c->how == VM_VACANT || !in_place(ld, b, &file))
			e = vm_map(&ld->vm, b.start, c->len, &file, c->found->fd, NULL);
		if (e < 0)
			return e;
		c->what = "the tail of a segment";
		c->at = b.file_end;
		c->len = 0;
		if (!kept)
			e = zero_tail(ld, d, p);
	}
	if (e == 0 && b.end > b.file_end) {
		c->what = ".bss";
		c->at = b.file_end;
		c->len = b.end - b.file_end;
		e = vm_map(&ld->vm, c->at, c->len, &zero, -1, NULL);
	}
	return e;
}

/* Whether the segments leave no page between them and the first one's file pages can hold the place
 * of the others: then no reservation is needed. */
static bool is_dense(const struct loader *ld, const struct dso *d)
{
	const Elf_Phdr *first = next_load(d, NULL), *before = first;

	if (d->type == ET_EXEC || !first->p_filesz || span_align(ld, d) > ld->config.page)
		return false;
	for (const Elf_Phdr *p = next_load(d, first); p; before = p, p = next_load(d, p))
		if (page_down(ld, p->p_vaddr) > page_up(ld, before->p_vaddr + before->p_memsz))
			return false;
	return true;
}

/* Maps the first segment's file over the whole span; the others will be mapped over it. */
static int map_span(struct loader *ld, struct dso *d, size_t len, const struct found *found,
	uintptr_t wanted, uintptr_t *at)
{
	struct vm_what what = file_part(ld, d, next_load(d, NULL));

	what.flags = wanted ? VM_VACANT : 0;
	return vm_map(&ld->vm, wanted, len, &what, found->fd, at);
}

/* Address space for [start, end) of a file at any base that keeps p_vaddr's residue modulo align.
 */
static int reserve_aligned(struct loader *ld, struct dso *d, uintptr_t start, uintptr_t end,
	size_t align, uintptr_t wanted, uintptr_t *at)
{
	size_t lead = start & (align - 1);
	int e = vm_reserve(&ld->vm, wanted ? wanted - lead : 0, end - start + lead, align,
		VM_NORESERVE | (wanted ? VM_FIXED : 0), &d->owner, at);

	if (e == 0 && lead) {
		e = vm_unmap(&ld->vm, *at, lead);
		*at += lead;
	}
	return e;
}

static int reserve(struct loader *ld, struct dso *d, const struct found *found)
{
	uintptr_t start, end, at = 0, wanted = found->place ? found->place->start : 0;
	bool fixed = d->type == ET_EXEC;
	int e;

	span(ld, d, &start, &end);
	if (fixed)
		e = vm_reserve(&ld->vm, start, end - start, ld->config.page,
			VM_NORESERVE | VM_FIXED, &d->owner, &at);
	else if (is_dense(ld, d))
		e = map_span(ld, d, end - start, found, wanted, &at);
	else
		e = reserve_aligned(ld, d, start, end, span_align(ld, d), wanted, &at);
	if (e < 0)
		return cannot_map(ld, d, fixed ? "at its fixed address" : "its segments", start,
			end - start, e);
	d->base = at - start;
	d->start = at;
	d->end = at + (end - start);
	return 0;
}

/* ---- What the headers say ---- */

static void take_header(struct loader *ld, struct dso *d, const Elf_Phdr *p)
{
	switch (p->p_type) {
	case PT_DYNAMIC: d->map->l_ld = dso_at(d, p->p_vaddr); break;
	case PT_INTERP:
		/* Its 0 byte was looked for by check_interp(). */
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
		/* Only PF_X says something: a stack that cannot be read or written is none. */
		d->stack_prot = VM_R | VM_W | (p->p_flags & PF_X ? VM_X : 0);
		d->stack_size = p->p_memsz;
		break;
	case PT_GNU_RELRO:
		/* The end is rounded down: the linker pads it, what shares the last page stays
		 * writable. */
		d->relro_start = page_down(ld, d->base + p->p_vaddr);
		d->relro_end = page_down(ld, d->base + p->p_vaddr + p->p_memsz);
		break;
	}
}

static void take_headers(struct loader *ld, struct dso *d)
{
	d->map->l_addr = d->base;
	d->map->l_name = d->path;
	d->stack_prot = VM_R | VM_W;
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++)
		take_header(ld, d, p);
}

/* Program headers as they lie in memory, or a copy when no segment holds them. */
static const Elf_Phdr *mapped_phdr(struct loader *ld, struct dso *d, const Elf_Ehdr *e)
{
	size_t bytes = e->e_phnum * sizeof(Elf_Phdr);
	void *copy;

	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p))
		if (e->e_phoff >= p->p_offset && e->e_phoff - p->p_offset < p->p_filesz &&
			bytes <= p->p_filesz - (e->e_phoff - p->p_offset) && p->p_flags & PF_R)
			return dso_at(d, p->p_vaddr + (e->e_phoff - p->p_offset));
	copy = dso_alloc(ld, d, bytes);
	return copy ? memcpy(copy, d->phdr, bytes) : NULL;
}

/* PT_INTERP's string must end within its segment.  Nobody asks for a library's. */
static int check_interp(struct loader *ld, const struct dso *d)
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

/* All segments over a reservation. */
static int map_reserved(struct loader *ld, struct dso *d, const struct found *found)
{
	struct commit c = {.found = found, .how = VM_FIXED};

	if (reserve(ld, d, found) < 0)
		return -1;
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p)) {
		int e = commit_segment(ld, d, p, &c);

		if (e < 0)
			return cannot_map(ld, d, c.what, c.at, c.len, e);
	}
	return 0;
}

/* Where a library may lie for which the kernel need not look for room: the place that a snapshot is
 * for, or as high below the one before as the registry knows of nothing, as the kernel itself would
 * put it.  0: nowhere. */
static uintptr_t place_for(const struct loader *ld, const struct dso *d, const struct found *found)
{
	const uintptr_t reach = (uintptr_t)1 << 28;
	uintptr_t start, end;

	if (!is_dense(ld, d))
		return 0;
	if (found->place)
		return found->place->start;
	if (ld->started || ld->next_base < reach)
		return 0;
	span(ld, d, &start, &end);
	return vm_find_gap(
		&ld->vm, end - start, ld->config.page, ld->next_base - reach, ld->next_base, true);
}

/* Each segment by itself, which spares the kernel the work of cutting a reservation into pieces.
 * Only where nothing lies. */
static bool map_apart(struct loader *ld, struct dso *d, const struct found *found)
{
	struct commit c = {.found = found, .how = VM_VACANT};
	uintptr_t start, end, at = place_for(ld, d, found);

	if (!at)
		return false;
	span(ld, d, &start, &end);
	d->base = at - start;
	d->start = at;
	d->end = at + (end - start);
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p))
		if (commit_segment(ld, d, p, &c) < 0) {
			d->end = c.at;
			map_remove(ld, d);
			return false;
		}
	return true;
}

static int map_segments(struct loader *ld, struct dso *d, const struct image *im)
{
	if (!map_apart(ld, d, im->file) && map_reserved(ld, d, im->file) < 0)
		return -1;
	if (d->kind == DSO_LIBRARY && d->type == ET_DYN)
		ld->next_base = d->start;
	d->phdr = mapped_phdr(ld, d, im->ehdr);
	if (!d->phdr)
		return fail(ld, "%s: no memory for its program headers", d->path);
	if (check_interp(ld, d) < 0)
		return -1;
	take_headers(ld, d);
	return 0;
}

static int map_file(struct loader *ld, const struct found *found, struct dso *d)
{
	struct image im = {.file = found};

	d->owner.name = d->path = dso_strdup(ld, d, found->path);
	if (!d->path) {
		d->owner.name = d->path = found->path;
		return fail(ld, "%s: no memory for its path", found->path);
	}
	d->dev = found->info.dev;
	d->ino = found->info.ino;
	d->size = found->info.size;
	d->mtime = found->info.mtime;
	d->ctime = found->info.ctime;
	if (read_headers(ld, &im) < 0)
		return -1;
	d->type = im.ehdr->e_type;
	d->phdr = im.phdr;
	d->phnum = im.ehdr->e_phnum;
	if (check_phdrs(ld, d, found->info.size) < 0)
		return -1;
	if (map_segments(ld, d, &im) < 0) {
		map_remove(ld, d);
		return -1;
	}
	d->entry = d->base + im.ehdr->e_entry;
	debug(ld, DEBUG_FILES, "file=%s  mapped at 0x%lx - 0x%lx, base 0x%lx, entry 0x%lx", d->path,
		d->start, d->end, d->base, d->entry);
	return 0;
}

int map_object(struct loader *ld, const struct found *found, struct dso *d)
{
	struct arena_mark mark = arena_mark(&ld->scratch);
	int r = map_file(ld, found, d);

	/* Messages are kept in the scratch arena too: give memory back only when there are none. */
	if (r == 0)
		arena_release(&ld->scratch, mark);
	return r;
}

void map_remove(struct loader *ld, struct dso *d)
{
	/* What the kernel refuses to unmap is left behind, but d, its owner, goes. */
	if (d->end > d->start && vm_unmap(&ld->vm, d->start, d->end - d->start) < 0)
		vm_disown(&ld->vm, d->start, d->end - d->start);
	d->start = d->end = 0;
}

/* ---- What the kernel mapped ---- */

static int adopt_segment(struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	struct bounds b = bounds_of(ld, d, p);
	struct vm_what file = file_part(ld, d, p), zero = zero_part(d, p);
	int e = 0;

	file.flags = zero.flags = VM_FOREIGN | (p->p_flags & PF_W ? VM_ACCOUNTED : 0);
	if (d->kind == DSO_VDSO)
		file.kind = VM_VDSO;
	if (b.file_end > b.start)
		e = vm_adopt(&ld->vm, b.start, b.file_end, &file);
	if (e == 0 && b.end > b.file_end)
		e = vm_adopt(&ld->vm, b.file_end, b.end, &zero);
	if (e < 0)
		return cannot_map(ld, d, "(register) a segment", b.start, b.end - b.start, e);
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
	if (check_phdrs(ld, d, UINT64_MAX) < 0 || check_interp(ld, d) < 0)
		return -1;
	span(ld, d, &d->start, &d->end);
	d->start += base;
	d->end += base;
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p))
		if (adopt_segment(ld, d, p) < 0)
			return -1;
	take_headers(ld, d);
	return 0;
}

/* ---- Protection ---- */

int map_protect_relro(struct loader *ld, struct dso *d)
{
	int e;

	if (d->relro_done || d->relro_end <= d->relro_start)
		return 0;
	e = vm_protect(&ld->vm, d->relro_start, d->relro_end - d->relro_start, VM_R);
	if (e < 0)
		return fail(ld, "%s: cannot protect RELRO (0x%lx - 0x%lx): %s", d->path,
			d->relro_start, d->relro_end, errno_text(e));
	d->relro_done = true;
	return 0;
}

static int protect_text(struct loader *ld, struct dso *d, unsigned added)
{
	for (const Elf_Phdr *p = next_load(d, NULL); p; p = next_load(d, p)) {
		struct bounds b = bounds_of(ld, d, p);
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

int map_open_text(struct loader *ld, struct dso *d)
{
	return protect_text(ld, d, VM_W);
}

int map_close_text(struct loader *ld, struct dso *d)
{
	return protect_text(ld, d, 0);
}

/* map.c: maps the segments of a file (gABI, "Program Loading").
 *
 * Nothing is mapped before every header has been checked (headers.c), and nothing stays mapped when
 * a later step fails.  The whole span is reserved first, then each PT_LOAD is mapped over it:
 *
 *	reserve    |..................................................|
 *	map        | r-- file | r-x file | r-- file |....| rw- file|rw- zero |
 *	                                             hole    ^ tail of the page zeroed
 *
 * If there is no hole, the first segment, mapped over the whole span, serves as the reservation;
 * and if an address is known to be free, each segment is mapped separately.
 */
#include "load/map.h"
#include "base/mem.h"
#include "base/sys.h"
#include "load/headers.h"
#include "load/segment.h"

/* Address of the library mapped last: the next one is likely to fit below it.  0: none. */
static uintptr_t next_base;

/* Whether libraries lie where a snapshot has them, and not where the kernel would map them now. */
static bool placed;

static uintptr_t span_align(const struct loader *ld, const struct dso *d)
{
	uintptr_t align = ld->config.page;

	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (p->p_align > align)
			align = p->p_align;
	return align;
}

/* Zeroes the part of the segment's last file page behind the file's bytes, which belongs to .bss;
 * the gABI leaves its contents undefined.  -errno. */
static int zero_tail(struct loader *ld, const struct dso *d, const Elf_Phdr *p)
{
	uintptr_t tail = d->base + p->p_vaddr + p->p_filesz, page = loader_page_down(ld, tail);
	bool writable = p->p_flags & PF_W;
	int e;

	if (p->p_memsz == p->p_filesz || tail == page)
		return 0;
	if (!writable && (e = vm_protect(&ld->vm, page, ld->config.page, VM_R | VM_W)) < 0)
		return e;
	memset((void *)tail, 0, page + ld->config.page - tail);
	return writable ? 0 : vm_protect(&ld->vm, page, ld->config.page, segment_prot(p));
}

bool map_data(const struct loader *ld, const struct dso *d, unsigned i, uintptr_t *at, size_t *len)
{
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		struct segment_bounds b = segment_bounds(ld, d, p);

		if (!(p->p_flags & PF_W) || b.file_end == b.start || i--)
			continue;
		*at = b.start;
		*len = b.file_end - b.start;
		return true;
	}
	return false;
}

/* Maps a writable segment from the snapshot, which holds its pages relocated, with the tail zeroed.
 * -errno. */
static int map_snapshot(struct loader *ld, const struct dso *d, struct segment_bounds b,
	struct vm_what *file, const struct placement *place)
{
	uint64_t offset = place->offset;
	uintptr_t at;
	size_t len;

	for (unsigned i = 0; map_data(ld, d, i, &at, &len) && at < b.start; i++)
		offset += len;
	/* Pages beyond the end of a file can be mapped, but accessing them raises SIGBUS. */
	if (offset > place->size || b.file_end - b.start > place->size - offset)
		return -SYS_EINVAL;
	file->offset = offset;
	file->dev = place->dev;
	file->ino = place->ino;
	return vm_map(&ld->vm, b.start, b.file_end - b.start, file, place->fd, NULL);
}

/* How a file's segments are mapped, and the range of the last call, for messages. */
struct mapping {
	const struct found *found;
	bool first_mapped; /* by map_span() */
	unsigned how;      /* VM_FIXED: over a reservation; VM_VACANT: where nothing is mapped */
	const char *what;
	uintptr_t at;
	size_t len;
};

/* Maps one segment.  -errno; then everything below c->at is mapped. */
static int map_segment(struct loader *ld, const struct dso *d, const Elf_Phdr *p, struct mapping *c)
{
	struct segment_bounds b = segment_bounds(ld, d, p);
	struct vm_what file = segment_file_part(ld, d, p), zero = segment_zero_part(d, p);
	bool kept = c->found->place && c->found->place->kept && p->p_flags & PF_W;
	int e = 0;

	file.flags = zero.flags = c->how;
	if (b.file_end > b.start) {
		c->what = "a segment";
		c->at = b.start;
		c->len = b.file_end - b.start;
		if (kept)
			e = map_snapshot(ld, d, b, &file, c->found->place);
		else if (!c->first_mapped || p != dso_next_load(d, NULL))
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

/* Whether there is no gap between the segments, so that the first one's file mapped over the whole
 * span can serve as the reservation. */
static bool needs_no_reservation(const struct loader *ld, const struct dso *d)
{
	const Elf_Phdr *first = dso_next_load(d, NULL), *before = first;

	if (d->type == ET_EXEC || !first->p_filesz || span_align(ld, d) > ld->config.page)
		return false;
	for (const Elf_Phdr *p = dso_next_load(d, first); p; before = p, p = dso_next_load(d, p))
		if (loader_page_down(ld, p->p_vaddr) >
			loader_page_up(ld, before->p_vaddr + before->p_memsz))
			return false;
	return true;
}

/* Maps the first segment's file over the whole span; the others will be mapped over it. */
static int map_span(struct loader *ld, struct dso *d, size_t len, const struct found *found,
	uintptr_t wanted, uintptr_t *at)
{
	struct vm_what what = segment_file_part(ld, d, dso_next_load(d, NULL));

	what.flags = wanted ? VM_VACANT : 0;
	return vm_map(&ld->vm, wanted, len, &what, found->fd, at);
}

/* Reserves address space for [start, end) of a file, congruent to start modulo align.  -errno. */
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

/* A free address in the second GiB, which is where the kernel's MAP_32BIT (mmap(2)) maps.  0: none. */
static uintptr_t low_address(const struct loader *ld, const struct dso *d)
{
	const uintptr_t gib = (uintptr_t)1 << 30;
	size_t align = span_align(ld, d), lead;
	uintptr_t start, end, at;

	segment_span(ld, d, &start, &end);
	lead = start & (align - 1);
	at = vm_find_gap(&ld->vm, end - start + lead, align, gib, 2 * gib, VM_TOP_DOWN);
	return at ? at + lead : 0;
}

/* Where d's span has to lie, or, with map_low, had best lie.  0: anywhere. */
static uintptr_t wanted_address(
	const struct loader *ld, const struct dso *d, const struct found *found)
{
	if (found->place)
		return found->place->start;
	return ld->config.map_low ? low_address(ld, d) : 0;
}

/* Reserves [start, end) of a file that can lie anywhere.  -errno. */
static int reserve_movable(struct loader *ld, struct dso *d, const struct found *found,
	uintptr_t start, uintptr_t end, uintptr_t wanted, uintptr_t *at)
{
	if (needs_no_reservation(ld, d))
		return map_span(ld, d, end - start, found, wanted, at);
	return reserve_aligned(ld, d, start, end, span_align(ld, d), wanted, at);
}

/* Reserves d's span, and sets its base and bounds.  -1: reported. */
static int reserve(struct loader *ld, struct dso *d, const struct found *found)
{
	uintptr_t start, end, at = 0, wanted = wanted_address(ld, d, found);
	bool fixed = d->type == ET_EXEC;
	int e;

	segment_span(ld, d, &start, &end);
	if (fixed)
		e = vm_reserve(&ld->vm, start, end - start, ld->config.page,
			VM_NORESERVE | VM_FIXED, &d->owner, &at);
	else
		e = reserve_movable(ld, d, found, start, end, wanted, &at);
	if (e < 0 && !fixed && wanted && !found->place)
		e = reserve_movable(ld, d, found, start, end, 0, &at);
	if (e < 0)
		return segment_report(ld, d, fixed ? "at its fixed address" : "its segments", start,
			end - start, e);
	d->base = at - start;
	d->start = at;
	d->end = at + (end - start);
	return 0;
}

/* Reserves the span and maps all segments over it.  -1: reported. */
static int map_over_reservation(struct loader *ld, struct dso *d, const struct found *found)
{
	struct mapping c = {
		.found = found, .how = VM_FIXED, .first_mapped = needs_no_reservation(ld, d)};

	if (reserve(ld, d, found) < 0)
		return -1;
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p)) {
		int e = map_segment(ld, d, p, &c);

		if (e < 0)
			return segment_report(ld, d, c.what, c.at, c.len, e);
	}
	return 0;
}

/* An address for a library that is probably free, so that the kernel need not search for one: the
 * one that is wanted, or the highest gap in the registry below the library before, as the kernel
 * itself would choose.  It would not choose that for a library that is opened after a start by a
 * snapshot, and 32-bit references to the others would not reach.  0: none. */
static uintptr_t choose_address(
	const struct loader *ld, const struct dso *d, const struct found *found)
{
	const uintptr_t reach = (uintptr_t)1 << 28;
	uintptr_t start, end;

	if (!needs_no_reservation(ld, d))
		return 0;
	if (found->place || ld->config.map_low)
		return wanted_address(ld, d, found);
	if ((loader_is_running(ld) && !placed) || next_base < reach)
		return 0;
	segment_span(ld, d, &start, &end);
	return vm_find_gap(
		&ld->vm, end - start, ld->config.page, next_base - reach, next_base, VM_TOP_DOWN);
}

/* Maps each segment separately, which saves the kernel splitting a reservation, at an address where
 * nothing is mapped.  false: not possible (not reported), and nothing stays mapped. */
static bool map_separately(struct loader *ld, struct dso *d, const struct found *found)
{
	struct mapping c = {.found = found, .how = VM_VACANT};
	uintptr_t start, end, at = choose_address(ld, d, found);

	if (!at)
		return false;
	segment_span(ld, d, &start, &end);
	d->base = at - start;
	d->start = at;
	d->end = at + (end - start);
	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		if (map_segment(ld, d, p, &c) < 0) {
			d->end = c.at;
			map_remove(ld, d);
			return false;
		}
	return true;
}

static int map_segments(struct loader *ld, struct dso *d, const struct image *im)
{
	if (!map_separately(ld, d, im->file) && map_over_reservation(ld, d, im->file) < 0)
		return -1;
	if (d->kind == DSO_LIBRARY && d->type == ET_DYN)
		next_base = d->start;
	placed |= im->file->place != NULL;
	d->phdr = headers_mapped(ld, d, im->ehdr);
	if (!d->phdr)
		return fail(ld, "%s: no memory for its program headers", d->path);
	if (headers_check_interp(ld, d) < 0)
		return -1;
	headers_decode(ld, d);
	return 0;
}

/* From the first segment's first page to the last one's last byte. */
static size_t size_in_memory(const struct dso *d)
{
	const Elf_Phdr *last = NULL;

	for (const Elf_Phdr *p = dso_next_load(d, NULL); p; p = dso_next_load(d, p))
		last = p;
	return last ? d->base + last->p_vaddr + last->p_memsz - d->start : 0;
}

static int map_file(struct loader *ld, const struct found *found, struct dso *d)
{
	struct image im = {.file = found, .name = d->name ? d->name : found->path};

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
	if (headers_read(ld, &im) < 0)
		return -1;
	d->type = im.ehdr->e_type;
	d->phdr = im.phdr;
	d->phnum = im.ehdr->e_phnum;
	if (headers_check(ld, d, found->info.size) < 0)
		return -1;
	if (map_segments(ld, d, &im) < 0) {
		map_remove(ld, d);
		return -1;
	}
	d->entry = d->base + im.ehdr->e_entry;
	debug(ld, DEBUG_FILES,
		"file=%s [%ld];  generating link map\n"
		"  dynamic: 0x%016lx  base: 0x%016lx   size: 0x%016lx\n"
		"    entry: 0x%016lx  phdr: 0x%016lx  phnum: %18zu\n",
		d->name ? d->name : d->path, d->ns->id, (uintptr_t)d->map->l_ld, d->base,
		size_in_memory(d), d->entry, (uintptr_t)d->phdr, d->phnum);
	return 0;
}

int map_object(struct loader *ld, const struct found *found, struct dso *d)
{
	struct arena_mark mark = arena_mark(&ld->scratch);
	int r = map_file(ld, found, d);

	/* After a failure the scratch arena also holds the messages. */
	if (r == 0)
		arena_release(&ld->scratch, mark);
	return r;
}

void map_remove(struct loader *ld, struct dso *d)
{
	/* If the kernel refuses, the areas stay, but without d, their owner, which is freed. */
	if (d->end > d->start && vm_unmap(&ld->vm, d->start, d->end - d->start) < 0)
		vm_disown(&ld->vm, d->start, d->end - d->start);
	d->start = d->end = 0;
}

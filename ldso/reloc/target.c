/* target.c: checks the place that a relocation writes to. */
#include "reloc/job.h"
#include "search/trace.h"

/* Whether a place overlaps the program headers, which no relocation may change, since all checks
 * depend on them. */
static bool overlaps_headers(const struct dso *d, uintptr_t offset, size_t bytes)
{
	uintptr_t at = d->base + offset, headers = (uintptr_t)d->phdr;

	return at < headers + d->phnum * sizeof *d->phdr && headers < at + bytes;
}

uintptr_t *job_find_place(struct job *j, uintptr_t offset, size_t bytes)
{
	const struct dso *d = j->d;
	const Elf_Phdr *p = dso_load_of(d, offset, d->textrel ? 0 : PF_W);

	if (!p || bytes > p->p_memsz - (offset - p->p_vaddr)) {
		fail(j->ld, "%s: relocation at 0x%lx: not within a writable segment", d->path,
			offset);
		return NULL;
	}
	j->lo = p->p_vaddr;
	j->size = j->leaving ? p->p_filesz : p->p_memsz;
	if (j->leaving && !job_is_writable(j, offset, bytes))
		trace_unrecordable(j->ld, "a relocation outside the file's pages");
	if ((uintptr_t)d->phdr - (d->base + j->lo) < j->size) {
		j->size = 0; /* check every place of this segment */
		if (overlaps_headers(d, offset, bytes)) {
			fail(j->ld, "%s: relocation at 0x%lx: within the program headers", d->path,
				offset);
			return NULL;
		}
	}
	return dso_at(d, offset);
}

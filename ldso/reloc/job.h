/* job.h: the relocation of one object, as the files of this folder share it. */
#ifndef JOB_H
#define JOB_H

#include "reloc/reloc.h"
#include "state/loader.h"

/* What the loop keeps between relocations of one object. */
struct job {
	struct loader *ld;
	struct dso *d;
	enum binding binding;
	struct reloc_work *work;
	enum bound result;

	/* target.c: the writable segment of the last place, not relocated. */
	uintptr_t lo, size;

	/* reloc_symbol.c: what the last symbol was resolved to. */
	uint32_t key; /* binding_key(); 0: none */
	enum bound bound;
	struct def def;
	bool quiet; /* undefined symbols are not reported */

	/* Where the object's data will be kept. */
	bool leaving;           /* what each process has to do is left */
	uint32_t number;        /* of the relocation, in the order of reloc_next() */
	const uint32_t *by_cpu; /* struct deferred's number */
};

/* Whether all of [offset, offset + bytes) lies where the last place was found to be writable. */
static inline bool job_is_writable(const struct job *j, uintptr_t offset, size_t bytes)
{
	return offset - j->lo < j->size && bytes <= j->size - (offset - j->lo);
}

/* The address of [offset, offset + bytes), which must be writable; NULL (reported) otherwise. */
uintptr_t *job_find_place(struct job *j, uintptr_t offset, size_t bytes);
static inline uintptr_t *job_place(struct job *j, uintptr_t offset, size_t bytes)
{
	return job_is_writable(j, offset, bytes) ? dso_at(j->d, offset)
						 : job_find_place(j, offset, bytes);
}

/* Finds the definition of r's symbol: j->bound, j->def. */
enum bound job_resolve(struct job *j, const struct reloc *r);

/* Applies one relocation.  -1: the file is damaged (reported). */
int job_apply(struct job *j, const struct reloc *r);

/* The same of one for which reloc_is_tls(); value: S + A, with S the symbol's offset within its TLS
 * block. */
int job_apply_tls(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value);

#endif

/* job.h: the state of the relocation of one object, shared by the files of this folder. */
#ifndef JOB_H
#define JOB_H

#include "reloc/reloc.h"
#include "state/loader.h"

/* State kept between the relocations of one object. */
struct job {
	struct loader *ld;
	struct dso *d;
	enum binding binding;
	struct reloc_work *work;
	enum bound result;

	/* target.c: the writable segment of the last place; not relocated, bytes. */
	uintptr_t lo, size;

	/* reloc_symbol.c: the result for the last symbol. */
	uint32_t key; /* binding_key(); 0: none */
	enum bound bound;
	struct def def;
	bool quiet; /* undefined symbols are not reported */

	/* Used if the object's data is kept for later starts. */
	bool leaving;           /* relocations that each process must apply are left */
	uint32_t number;        /* of the relocation, in the order of reloc_next() */
	const uint32_t *by_cpu; /* becomes struct deferred's number */
};

/* Whether [offset, offset + bytes) lies in the writable segment of the last place. */
static inline bool job_is_writable(const struct job *j, uintptr_t offset, size_t bytes)
{
	return offset - j->lo < j->size && bytes <= j->size - (offset - j->lo);
}

/* The address of [offset, offset + bytes) of the object's file.  NULL: not writable (reported). */
uintptr_t *job_find_place(struct job *j, uintptr_t offset, size_t bytes);
static inline uintptr_t *job_place(struct job *j, uintptr_t offset, size_t bytes)
{
	return job_is_writable(j, offset, bytes) ? dso_at(j->d, offset)
						 : job_find_place(j, offset, bytes);
}

/* Finds the definition of r's symbol; sets j->def and j->bound, and returns the latter. */
enum bound job_resolve(struct job *j, const struct reloc *r);

/* Applies one relocation.  -1: the file is damaged (reported).  An undefined symbol, which is
 * reported, sets j->result and returns 0. */
int job_apply(struct job *j, const struct reloc *r);

/* Stores value, which is S + A, as a relocation of this type of d does at `where`.  -1: reported. */
int job_store(
	struct loader *ld, const struct dso *d, uint32_t type, uintptr_t *where, uintptr_t value);

/* Applies one for which reloc_is_tls(); value: S + A, where S is the symbol's offset in its TLS
 * block. */
int job_apply_tls(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value);

#endif

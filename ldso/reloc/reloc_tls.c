/* reloc_tls.c: relocations of thread-local storage (Drepper, "ELF Handling For Thread-Local
 * Storage", 4).
 */
#include "arch/entry.h"
#include "reloc/job.h"
#include "tls/tls.h"

/* The object to whose TLS a relocation refers: the symbol's, or without a symbol the object itself.
 * NULL: it has no PT_TLS (reported). */
static struct dso *tls_of(struct job *j, const struct reloc *r)
{
	struct dso *d = r->symbol ? j->def.dso : j->d;

	if (d->tls.module)
		return d;
	fail(j->ld, "%s: relocation type %u: %s has no PT_TLS", j->d->path, r->type, d->path);
	return NULL;
}

static int apply_tpoff(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value)
{
	struct dso *d = tls_of(j, r);

	if (!d || tls_make_static(j->ld, d, j->d) < 0)
		return -1;
	*where = value + (uintptr_t)d->tls.offset;
	return 0;
}

static int apply_tlsdesc(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value)
{
	struct dso *d;
	struct tls_index *index;

	if (r->symbol && j->bound == BOUND_NULL) {
		where[0] = (uintptr_t)arch_tlsdesc_undefined_weak;
		where[1] = value;
		return 0;
	}
	d = tls_of(j, r);
	if (!d)
		return -1;
	if (d->tls.is_static) {
		where[0] = (uintptr_t)arch_tlsdesc_static;
		where[1] = value + (uintptr_t)d->tls.offset;
		return 0;
	}
	index = dso_alloc(j->ld, j->d, sizeof *index);
	if (!index)
		return fail(j->ld, "%s: no memory for a TLS descriptor", j->d->path);
	*index = (struct tls_index){d->tls.module, value - ARCH_DTP_BIAS};
	where[0] = (uintptr_t)arch_tlsdesc_dynamic;
	where[1] = (uintptr_t)index;
	return 0;
}

int job_apply_tls(struct job *j, const struct reloc *r, uintptr_t *where, uintptr_t value)
{
	struct dso *d;

	if (r->type == ARCH_R_TLSDESC)
		return apply_tlsdesc(j, r, where, value);
	if (r->symbol && j->bound == BOUND_NULL) {
		*where = 0;
		return 0;
	}
	switch (r->type) {
	case ARCH_R_DTPMOD:
		d = tls_of(j, r);
		*where = d ? d->tls.module : 0;
		return d ? 0 : -1;
	case ARCH_R_DTPOFF: *where = value - ARCH_DTP_BIAS; return 0;
	default: return apply_tpoff(j, r, where, value);
	}
}

bool reloc_is_tls(uint32_t type)
{
	return type == ARCH_R_DTPMOD || type == ARCH_R_DTPOFF || type == ARCH_R_TPOFF ||
	       type == ARCH_R_TLSDESC;
}

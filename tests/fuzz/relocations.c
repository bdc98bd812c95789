/* relocations.c: reloc_object() on broken relocations, symbols and PT_TLS, at once and lazily. */
#include "harness.h"
#include "object/load_order.h"
#include "object/scope.h"

const unsigned regions = REGION_RELOCATIONS;

void fuzz(struct loader *ld)
{
	struct dso *d = harness_decode(ld);
	struct reloc_work work;
	enum bound bound;

	if (!d || (d->tls.memsz && tls_add(ld, d) < 0))
		return;
	ld->program = d;
	load_order_append(ld, d);
	expect(scope_join_global(ld, &ld->base, d) == 0);
	if (d->tls.module && !(d->phnum & 1))
		expect(tls_make_static(ld, d, d) == 0);
	reloc_begin(&work);
	bound = reloc_object(ld, d, d->needed ? BIND_LAZY : BIND_NOW, &work);
	expect((bound == BOUND) == (ld->diag.count == 0));
	if (bound != BOUND)
		return;
	harness_ifuncs(&work);
	reloc_copies(&work);
	map_protect_relro(ld, d);
}

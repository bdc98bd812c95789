/* headers.c: map_object() on broken headers: what it accepts is mapped as the headers say, what it
 * refuses leaves nothing. */
#include "fake_sys.h"
#include "harness.h"

const unsigned regions = REGION_HEADERS;

void fuzz(struct loader *ld)
{
	struct dso *d = harness_map(ld);

	if (!d)
		return;
	harness_touch_segments(d);
	expect((d->stack_prot & (VM_R | VM_W)) == (VM_R | VM_W));
	harness_touch_string(d->interp);
	map_protect_relro(ld, d);
	map_unprotect_text(ld, d);
	map_protect_text(ld, d);
	map_remove(ld, d);
	expect(fake_mapped() == 0);
}

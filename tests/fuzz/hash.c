/* hash.c: both hash tables, the symbols that they lead to, and their names. */
#include "harness.h"

const unsigned regions = REGION_HASH;

void fuzz(struct loader *ld)
{
	struct dso *d = harness_decode(ld);

	if (!d)
		return;
	harness_look_up(ld, d, d);
	d->symtab.nbuckets = 0; /* DT_HASH alone */
	harness_look_up(ld, d, d);
}

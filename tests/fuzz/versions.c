/* versions.c: DT_VERNEED, DT_VERDEF, DT_VERSYM: the file's needs against its own definitions, and
 * lookups with them. */
#include "harness.h"
#include "object/load_order.h"
#include "object/version.h"

const unsigned regions = REGION_VERSIONS;

void fuzz(struct loader *ld)
{
	struct dso *d = harness_decode(ld);

	if (!d)
		return;
	for (size_t i = 0; i < d->symtab.nversions; i++) {
		harness_touch_string(d->symtab.versions[i].name);
		harness_touch_string(d->symtab.versions[i].file);
	}
	d->name = "libneed.so"; /* what the seeds need */
	load_order_append(ld, d);
	version_check(ld, d);
	harness_look_up(ld, d, d);
}

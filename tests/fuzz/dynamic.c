/* dynamic.c: dynamic_decode(): every table and string that it takes can be read to its end. */
#include "harness.h"

const unsigned regions = REGION_DYNAMIC;

void fuzz(struct loader *ld)
{
	struct dso *d = harness_decode(ld);

	if (!d)
		return;
	for (size_t i = 0; i < d->nneeded; i++)
		harness_touch_string(d->needed[i]);
	harness_touch_string(d->soname);
	harness_touch_string(d->rpath);
	harness_touch_string(d->runpath);
	harness_touch((const void *)d->rel.addr, d->rel.size);
	harness_touch((const void *)d->rela.addr, d->rela.size);
	harness_touch((const void *)d->relr.addr, d->relr.size);
	harness_touch((const void *)d->jmprel.addr, d->jmprel.size);
	harness_touch((const void *)d->preinit_array.addr, d->preinit_array.size);
	harness_touch((const void *)d->init_array.addr, d->init_array.size);
	harness_touch((const void *)d->fini_array.addr, d->fini_array.size);
	harness_look_up(ld, d, d);
}

/* whole.c: a broken library loaded and bound beside a good one, as dlopen would, and taken out
 * again. */
#include "fake_sys.h"
#include "harness.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "object/version.h"
#include "load/unload.h"

#include <stdio.h>
#include <stdlib.h>

const unsigned regions = REGION_ALL;

/* The good library is read once; run.sh says where it is. */
static void add_good(const char *path, const char *variable)
{
	static struct {
		unsigned char bytes[1 << 14];
		size_t size;
	} good;
	const char *file = getenv(variable);

	if (!good.size) {
		FILE *f = file ? fopen(file, "rb") : NULL;

		if (!f)
			abort();
		good.size = fread(good.bytes, 1, sizeof good.bytes, f);
		fclose(f);
	}
	fake_add(path, good.bytes, good.size);
}

static int bind(struct loader *ld, struct dso *last)
{
	struct reloc_work work;

	reloc_begin(&work);
	for (struct dso *d = dso_next(last); d; d = dso_next(d))
		if (version_check(ld, d) < 0 || scope_make(ld, d) < 0)
			return -1;
	for (struct dso *d = ld->last; d != last; d = d->state->prev)
		if (reloc_object(ld, d, BIND_NOW, &work) != BOUND)
			return -1;
	harness_ifuncs(&work);
	reloc_copies(&work);
	return 0;
}

void fuzz(struct loader *ld)
{
	struct dso *good, *d;
	size_t mapped;

	add_good("/in/libneed.so", "GOOD_LIBRARY");
	ld->program = good = load_object(ld, &ld->base, "libneed.so", NULL, LOAD_NEEDED);
	expect(good && load_needed(ld, good) == 0 && scope_join_global(ld, &ld->base, good) == 0);
	mapped = fake_mapped();
	d = load_object(ld, &ld->base, INPUT, good, LOAD_NEEDED);
	expect((d != NULL) == (ld->diag.count == 0));
	if (d && d != good && load_needed(ld, d) == 0) {
		d->root = d;
		expect((bind(ld, good) == 0) == (ld->diag.count == 0));
		for (struct dso *x = dso_next(good); x; x = dso_next(x))
			harness_look_up(ld, d, x);
	}
	while (ld->last != good) {
		struct dso *gone = ld->last;

		tls_remove(ld, gone);
		load_order_remove(ld, gone);
		unload_free(ld, gone);
	}
	expect(fake_mapped() == mapped);
}

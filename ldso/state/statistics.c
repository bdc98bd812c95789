/* statistics.c: what LD_DEBUG=statistics prints; see statistics.h. */
#include "state/statistics.h"

void statistics_print_start(const struct loader *ld)
{
	size_t objects = 0;

	for (const struct dso *d = ld->first; d; d = dso_next(d))
		objects++;
	debug(ld, DEBUG_STATISTICS, "objects: %zu; areas: %zu", objects, ld->vm.count);
	debug(ld, DEBUG_STATISTICS, "relocations: %lu; symbol lookups: %lu",
		ld->statistics.relocations, ld->statistics.lookups);
}

void statistics_print_end(const struct loader *ld)
{
	debug(ld, DEBUG_STATISTICS, "symbol lookups: %lu; lazy bindings: %lu",
		ld->statistics.lookups, ld->statistics.lazy_bindings);
	debug(ld, DEBUG_STATISTICS, "areas: %zu; found at once: %lu, in the tree: %lu",
		ld->vm.count, ld->vm.hits, ld->vm.misses);
}

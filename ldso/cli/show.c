/* show.c: --maps, and the tables of LD_DEBUG. */
#include "cli/show.h"
#include "base/mem.h"
#include "cli/print_maps.h"
#include "state/statistics.h"

static void show_scope(struct loader *ld)
{
	debug(ld, DEBUG_SCOPES, "global scope:");
	for (size_t i = 0; i < ld->base.global.count; i++)
		debug(ld, DEBUG_SCOPES, "    %zu: %s", i, ld->base.global.list[i]->path);
}

void show_start(struct loader *ld)
{
	show_scope(ld);
	statistics_print_start(ld);
	if (ld->config.show_maps)
		print_maps(ld, 1);
	else if (ld->diag.debug & DEBUG_MAPS)
		print_maps(ld, ld->diag.fd);
}

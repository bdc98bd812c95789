/* show.c: --maps, and the tables of LD_DEBUG. */
#include "cli/show.h"
#include "base/mem.h"
#include "cli/print_maps.h"
#include "object/scope.h"
#include "state/statistics.h"

static void show_scopes(struct loader *ld)
{
	if (!(ld->diag.debug & DEBUG_SCOPES))
		return;
	debug(ld, DEBUG_SCOPES, "\nInitial object scopes");
	for (struct dso *d = ld->first; d; d = dso_next(d))
		scope_tell(ld, d);
}

void show_start(struct loader *ld)
{
	show_scopes(ld);
	statistics_print_start(ld);
	if (ld->config.show_maps)
		print_maps(ld, 1);
	else if (ld->diag.debug & DEBUG_MAPS)
		print_maps(ld, ld->diag.fd);
}

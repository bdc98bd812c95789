/* show.c: --list, --maps, and the tables of LD_DEBUG. */
#include "cli/show.h"
#include "base/mem.h"
#include "cli/print_maps.h"
#include "state/statistics.h"

void show_list(struct loader *ld)
{
	for (struct dso *d = ld->first; d; d = dso_next(d)) {
		if (d == ld->program)
			continue;
		if (d != ld->self && d->name && strcmp(d->name, d->path))
			print(1, "\t%s => %s (0x%lx)\n", d->name, d->path, d->base);
		else
			print(1, "\t%s (0x%lx)\n", d->path, d->base);
	}
	for (const struct diag_line *l = ld->diag.first; l; l = l->next)
		print(1, "\t%s\n", l->text);
}

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

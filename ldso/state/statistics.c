/* statistics.c: what LD_DEBUG=statistics prints; see statistics.h.
 *
 * Relocations are counted as ld.so counts them: those whose symbol was looked up, those whose symbol
 * was known already ("from cache"), and those without a symbol.
 */
#include "state/statistics.h"

void statistics_begin(struct loader *ld, enum work work)
{
	struct statistics *s = &ld->statistics;
	uint64_t now;

	if (!(ld->diag.debug & DEBUG_STATISTICS))
		return;
	now = arch_ticks();
	if (s->since)
		s->time[s->work] += now - s->since;
	s->since = now;
	s->work = work;
}

static void print_time(const struct loader *ld, const char *what, uint64_t time, uint64_t total)
{
	uint64_t tenths = total ? time * 1000 / total : 0;

	debug(ld, DEBUG_STATISTICS, "%s: %ju cycles (%ju.%ju%%)", what, (uintmax_t)time,
		(uintmax_t)tenths / 10, (uintmax_t)tenths % 10);
}

static unsigned long known(const struct statistics *s)
{
	unsigned long others = s->relative + s->lookups;

	return s->relocations > others ? s->relocations - others : 0;
}

static void print_counts(const struct loader *ld)
{
	size_t objects = 0;

	for (const struct dso *d = ld->first; d; d = dso_next(d))
		objects++;
	debug(ld, DEBUG_STATISTICS, "objects: %zu; areas: %zu", objects, ld->vm.count);
	debug(ld, DEBUG_STATISTICS, "relocations: %lu; symbol lookups: %lu",
		ld->statistics.relocations, ld->statistics.lookups);
}

void statistics_print_start(struct loader *ld)
{
	const struct statistics *s = &ld->statistics;
	uint64_t total = 0;

	statistics_begin(ld, WORK_OTHER);
	for (unsigned i = 0; i < WORKS; i++)
		total += s->time[i];
	debug(ld, DEBUG_STATISTICS, "\nruntime linker statistics:");
	debug(ld, DEBUG_STATISTICS, "  total startup time in dynamic loader: %ju cycles",
		(uintmax_t)total);
	print_time(ld, "            time needed for relocation", s->time[WORK_RELOCATE], total);
	debug(ld, DEBUG_STATISTICS, "                 number of relocations: %lu", s->lookups);
	debug(ld, DEBUG_STATISTICS, "      number of relocations from cache: %lu", known(s));
	debug(ld, DEBUG_STATISTICS, "        number of relative relocations: %lu", s->relative);
	print_time(ld, "           time needed to load objects", s->time[WORK_LOAD], total);
	print_counts(ld);
}

void statistics_print_end(const struct loader *ld)
{
	const struct statistics *s = &ld->statistics;

	debug(ld, DEBUG_STATISTICS, "\nruntime linker statistics:");
	debug(ld, DEBUG_STATISTICS, "           final number of relocations: %lu", s->lookups);
	debug(ld, DEBUG_STATISTICS, "final number of relocations from cache: %lu", known(s));
	debug(ld, DEBUG_STATISTICS, "symbol lookups: %lu; lazy bindings: %lu", s->lookups,
		s->lazy_bindings);
	debug(ld, DEBUG_STATISTICS, "areas: %zu; found at once: %lu, in the tree: %lu",
		ld->vm.count, ld->vm.hits, ld->vm.misses);
}

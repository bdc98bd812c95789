/* An auditor that wants to be left out. */
#include "auditor.h"

unsigned la_version(unsigned version)
{
	(void)version;
	say("unwilling");
	return 0;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	(void)map, (void)lmid, (void)cookie;
	say("unwilling, but told");
	return 0;
}

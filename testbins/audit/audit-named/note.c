/* An auditor that a file names. */
#include "auditor.h"

unsigned la_version(unsigned version)
{
	say("version");
	return version;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	const char *name = opened(map, lmid, *cookie);

	/* ld.so tells an auditor of those that come after it. */
	if (!lmid)
		say("open %s", name);
	return 0;
}

void la_preinit(uintptr_t *cookie)
{
	say("preinit %s", object(*cookie));
}

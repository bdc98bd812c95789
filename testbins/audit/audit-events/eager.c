/* An auditor that opens libplugin.so as soon as it is told that a dlopen has loaded it: before its constructor has run,
 * which is that dlopen's. */
#include "auditor.h"

#include <dlfcn.h>

static int is_loaded;

unsigned la_version(unsigned version)
{
	return version;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	(void)lmid;
	(void)cookie;
	is_loaded |= strstr(map->l_name, "/libplugin.so") != NULL;
	return 0;
}

void la_activity(uintptr_t *cookie, unsigned flag)
{
	void *handle;

	(void)cookie;
	if (!is_loaded || flag != LA_ACT_CONSISTENT)
		return;
	is_loaded = 0;
	handle = dlmopen(LM_ID_BASE, "libplugin.so", RTLD_NOW);
	say("opened early: %d", handle != NULL);
}

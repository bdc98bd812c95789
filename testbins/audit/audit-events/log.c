/* An auditor that tells of everything but calls. */
#include "auditor.h"

unsigned la_version(unsigned version)
{
	say("version");
	return version;
}

char *la_objsearch(const char *name, uintptr_t *cookie, unsigned flag)
{
	if (!is_of_loader(base_name(name)))
		say("search %s for %s, stage %u", base_name(name), object(*cookie), flag);
	return (char *)name;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	const char *name = opened(map, lmid, *cookie);

	if (!is_of_loader(name))
		say("open %s, namespace %s", name, lmid ? "of its own" : "base");
	return LA_FLG_BINDTO | LA_FLG_BINDFROM;
}

void la_activity(uintptr_t *cookie, unsigned flag)
{
	say("activity %s %u", object(*cookie), flag);
}

void la_preinit(uintptr_t *cookie)
{
	say("preinit %s", object(*cookie));
}

unsigned la_objclose(uintptr_t *cookie)
{
	if (!is_of_loader(object(*cookie)))
		say("close %s", object(*cookie));
	return 0;
}

uintptr_t la_symbind64(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
	const char *name)
{
	(void)index;
	if (matters(*from, *to, name))
		say("bind %s from %s to %s, flags %x", name, object(*from), object(*to), *flags);
	return sym->st_value;
}

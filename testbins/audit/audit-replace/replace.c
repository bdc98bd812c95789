/* An auditor that replaces files, definitions and calls.  It needs a library of its own, with
 * thread-local data that has a fixed offset. */
#include "auditor.h"
#include <dlfcn.h>
#include <stdlib.h>

int next_number(void);

static void *replacement(const char *name)
{
	static void *handle;

	if (!handle)
		handle = dlopen(getenv("REPLACEMENT"), RTLD_NOW);
	return dlsym(handle, name);
}

unsigned la_version(unsigned version)
{
	return version;
}

char *la_objsearch(const char *name, uintptr_t *cookie, unsigned flag)
{
	const char *base = base_name(name);

	(void)cookie;
	if (!strcmp(base, "libasked.so") && flag == LA_SER_ORIG)
		return "libother.so";
	if (!strcmp(base, "libpath.so") && flag != LA_SER_ORIG)
		return getenv("OTHER");
	if (!strcmp(base, "libhidden.so") && flag == LA_SER_ORIG)
		return NULL;
	if (!strcmp(base, "libskipped.so") && flag != LA_SER_ORIG)
		return NULL;
	return (char *)name;
}

unsigned la_objopen(struct link_map *map, Lmid_t lmid, uintptr_t *cookie)
{
	const char *name = opened(map, lmid, *cookie);

	say("open %s, number %d", name, next_number());
	*cookie = (uintptr_t)strdup(name);
	return !strcmp(name, "program")  ? LA_FLG_BINDFROM
	       : !strcmp(name, "ld.so") ? 0
					: LA_FLG_BINDTO;
}

unsigned la_objclose(uintptr_t *cookie)
{
	say("close %s", (char *)*cookie);
	return 0;
}

uintptr_t la_symbind64(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to, unsigned *flags,
	const char *name)
{
	(void)index;
	if (is_of_loader(name))
		return sym->st_value;
	say("bind %s from %s to %s, flags %x, function %d", name, (char *)*from, (char *)*to, *flags,
		ELF64_ST_TYPE(sym->st_info) == STT_FUNC);
	if (!strcmp(name, "bound") || !strcmp(name, "found"))
		return (uintptr_t)replacement(name);
	return sym->st_value;
}

#ifdef CALLS
Elf64_Addr PLTENTER(Elf64_Sym *sym, unsigned index, uintptr_t *from, uintptr_t *to,
	call_registers *regs, unsigned *flags, const char *name, long *frame)
{
	(void)index, (void)from, (void)to, (void)regs, (void)frame;
	say("enter %s, flags %x", name, *flags);
	return strcmp(name, "called") ? sym->st_value : (Elf64_Addr)replacement(name);
}
#endif

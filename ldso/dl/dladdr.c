/* dladdr.c: the object and the symbol at an address. */
#include "dl/dl.h"
#include "symbol/by_address.h"

int dl_addr(
	const void *address, struct dl_info *info, const Elf_Sym **symbol, struct link_map **map)
{
	struct loader *ld = &loader;
	struct dso *d;

	loader_lock(ld);
	d = dso_of_address(ld, (uintptr_t)address);
	if (d) {
		const Elf_Sym *sym = symbol_by_address(ld, d, (uintptr_t)address);

		info->dli_fname = dl_file_name(ld, d);
		info->dli_fbase = (void *)d->start;
		info->dli_sname = sym ? d->symtab.str + sym->st_name : NULL;
		info->dli_saddr = sym ? dso_at(d, sym->st_value) : NULL;
		if (symbol)
			*symbol = sym;
		if (map)
			*map = d->map;
	}
	loader_unlock(ld);
	return d != NULL;
}

int api_dladdr(const void *address, struct dl_info *info)
{
	return dl_addr(address, info, NULL, NULL);
}

EXPORT(dladdr);

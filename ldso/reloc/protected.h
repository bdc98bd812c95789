/* protected.h: references to protected symbols. */
#ifndef PROTECTED_H
#define PROTECTED_H

#include "reloc/bindings.h"

/* Whether a reference to symbol sym of an object's own table binds within it, without a lookup. */
bool protected_is_local(const struct loader *ld, const Elf_Sym *sym);

/* Whether the address of d's function sym may be that of the program's PLT entry. */
bool protected_has_pointer(const struct loader *ld, const struct dso *d, const Elf_Sym *sym);

/* Tells of a direct reference of the program d to the protected definition def.  -1: def's object does
 * not allow it (reported). */
int protected_check(struct loader *ld, const struct dso *d, const Elf_Sym *sym, enum reloc_way way,
	const struct def *def);

#endif

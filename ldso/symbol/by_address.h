/* by_address.h: which symbol of an object an address belongs to: dladdr. */
#ifndef BY_ADDRESS_H
#define BY_ADDRESS_H

#include "symbol/symbol.h"

/* The symbol of d that addr lies in, or the last one before it if that has no size; NULL: none.
 * With the lock held. */
const Elf_Sym *symbol_by_address(struct loader *ld, struct dso *d, uintptr_t addr);

#endif

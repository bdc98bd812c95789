/* by_address.h: which symbol of an object an address belongs to: dladdr. */
#ifndef BY_ADDRESS_H
#define BY_ADDRESS_H

#include "symbol/symbol.h"

/* The symbol of d that contains addr, or the nearest one before it if that has size 0; NULL: none.
 * The lock is held. */
const Elf_Sym *symbol_by_address(struct loader *ld, struct dso *d, uintptr_t addr);

#endif

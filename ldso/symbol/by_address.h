/* nearest.h: which symbol of an object an address belongs to: dladdr. */
#ifndef NEAREST_H
#define NEAREST_H

#include "symbol/symbol.h"

/* The symbol of d that addr lies in, or the last one before it if that has no size; NULL: none.
 * With the lock held. */
const Elf_Sym *nearest_symbol(struct loader *ld, struct dso *d, uintptr_t addr);

#endif

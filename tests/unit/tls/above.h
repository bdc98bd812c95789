/* above.h: included before everything (-include): the machine has its TLS above the thread pointer, as
 * aarch64 does, behind two words. */
#if !defined(ABOVE_H) && !defined(__ASSEMBLER__)
#define ABOVE_H

#include "base/elf_types.h"

#undef ARCH_TLS_BELOW_TP
#undef ARCH_TLS_GAP
#define ARCH_TLS_BELOW_TP 0
#define ARCH_TLS_GAP      16

#endif

/* numbers.h (aarch64): see machine.h.  Sources: SYSVABI64, "Thread Local Storage"; <linux/rseq.h>;
 * <asm/signal.h>; Linux, Documentation/arch/arm64: elf_hwcaps, memory-tagging-extension. */
#ifndef GLIBC_NUMBERS_H
#define GLIBC_NUMBERS_H

#define MACHINE_DTV           0 /* the TCB, two words at the thread pointer */
#define MACHINE_TCB_IN_FRONT  0
#define MACHINE_VDSO          "__kernel_"
#define MACHINE_RSEQ          0xd428bc00 /* "brk #0x45e0" */
#define MACHINE_FPU_CONTROL   0
#define MACHINE_SIGNAL_FRAME  5120
#define MACHINE_MOVES_DYNAMIC 1
#define MACHINE_KEEPS_ANSWERS 0
#define MACHINE_LEARNS        0

#endif

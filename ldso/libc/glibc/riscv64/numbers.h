/* numbers.h (riscv64): see machine.h.  Sources: RISC-V ABIs Specification 1.0, "Thread Local
 * Storage"; <linux/rseq.h>; <asm/signal.h>. */
#ifndef GLIBC_NUMBERS_H
#define GLIBC_NUMBERS_H

#define MACHINE_DTV           (-16) /* the TCB, two words in front of the thread pointer */
#define MACHINE_TCB_IN_FRONT  32    /* its two words, rounded up to struct pthread's alignment */
#define MACHINE_VDSO          "__vdso_"
#define MACHINE_RSEQ          0xf1401073 /* "csrw mhartid, x0" */
#define MACHINE_FPU_CONTROL   0
#define MACHINE_SIGNAL_FRAME  2048
#define MACHINE_MOVES_DYNAMIC 0
#define MACHINE_KEEPS_ANSWERS 0
#define MACHINE_LEARNS        0

#endif

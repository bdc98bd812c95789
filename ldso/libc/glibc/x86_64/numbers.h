/* numbers.h (x86_64): see machine.h.  Sources: the x86_64 psABI, 3.4.2 (mxcsr, x87) and "Thread
 * Local Storage"; <linux/rseq.h>. */
#ifndef GLIBC_NUMBERS_H
#define GLIBC_NUMBERS_H

#define MACHINE_DTV           8 /* struct pthread begins with the TCB */
#define MACHINE_TCB_IN_FRONT  0
#define MACHINE_VDSO          "__vdso_"
#define MACHINE_RSEQ          0x53053053
#define MACHINE_FPU_CONTROL   0x37f
#define MACHINE_SIGNAL_FRAME  2048
#define MACHINE_MOVES_DYNAMIC 1
#define MACHINE_KEEPS_ANSWERS 1
#define MACHINE_LEARNS        1

#define MACHINE_TCB_POINTER_GUARD 0x30 /* of this machine alone, up to glibc 2.43 */

#endif

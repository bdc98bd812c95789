/* machine.h: what of glibc's private interface with its ld.so is the machine's own.
 *
 * Each machine has a folder with numbers.h, the tables, exports.map, and the functions below.
 */
#ifndef GLIBC_MACHINE_H
#define GLIBC_MACHINE_H

#include "arch/entry.h"
#include "libc/glibc/glibc.h"
#include "numbers.h"

/* numbers.h defines
 *
 *	MACHINE_DTV           offset from the thread pointer of the word that has the dtv's address
 *	MACHINE_TCB_IN_FRONT  bytes between struct pthread and the thread pointer (variant I)
 *	MACHINE_VDSO          what the names of the vDSO's functions begin with
 *	MACHINE_RSEQ          the signature before an abort handler of restartable sequences
 *	MACHINE_FPU_CONTROL   the control word of the floating-point unit at the start
 *	MACHINE_SIGNAL_FRAME  MINSIGSTKSZ, for kernels without AT_MINSIGSTKSZ
 *	MACHINE_KEEPS_ANSWERS whether the processor is asked by instructions, and the answers of one
 *	                      start can be those of the next
 *	MACHINE_LEARNS        whether there is glibc_learn()
 *	MACHINE_MOVES_DYNAMIC whether ld.so relocates the addresses in dynamic sections
 */

/* The offset of struct pthread from the thread pointer: it begins there where static TLS is below
 * (variant II), and otherwise ends in front of it. */
static inline ptrdiff_t machine_pthread_offset(void)
{
	return ARCH_TLS_BELOW_TP ? 0
				 : -(ptrdiff_t)(glibc.layout->pthread.size + MACHINE_TCB_IN_FRONT);
}

/* Sets the words at the first thread's thread pointer, and the guards: of stacks (compilers'
 * canaries) and of pointers (libc's). */
void machine_start_tcb(uintptr_t thread_pointer, uintptr_t stack_guard, uintptr_t pointer_guard);

/* Fills in _rtld_global_ro's fields about the processor, as its tunables demand: cpu_features,
 * platform, hwcap.  They are zero. */
void machine_fill(struct loader *ld);

/* A hash of all that libc's IFUNC resolvers read about the processor. */
uint64_t machine_cpu_key(struct loader *ld);

/* What $PLATFORM stands for, also before libc is loaded; may be NULL. */
const char *machine_platform(struct loader *ld);

/* Protects d's code as its program property asks for and the processor can; d is mapped, and not
 * relocated.  -1: not possible (reported). */
int machine_protect(struct loader *ld, const struct dso *d);

/* With MACHINE_LEARNS: libc_abi.learn_build. */
int glibc_learn(struct loader *ld, const char *file, const char *out);

/* With MACHINE_KEEPS_ANSWERS: libc_abi.processor and recall_processor. */
size_t machine_answers(const void **answers);
bool machine_recall(const void *answers, size_t n);

#endif

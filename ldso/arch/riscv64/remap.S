/* remap.S (riscv64): replaces the code that is running. */
#include <asm/unistd.h>

#include "arch/remap.h"

/* The kernel keeps all registers but a0. */
	.text
	.globl arch_remap, arch_remap_end
	.hidden arch_remap, arch_remap_end
	.type arch_remap, @function
arch_remap:
	.cfi_startproc
	mv	t0, a0
	ld	a0, REMAP_AT(t0)
	ld	a1, REMAP_LEN(t0)
	li	a7, __NR_munmap
	ecall
	bnez	a0, 1f
	li	a0, PR_SET_MM
	li	a1, PR_SET_MM_MAP
	ld	a2, REMAP_MAP(t0)
	ld	a3, REMAP_MAP_SIZE(t0)
	li	a4, 0
	li	a7, __NR_prctl
	ecall
	mv	t1, a0
	ld	a0, REMAP_AT(t0)
	ld	a1, REMAP_LEN(t0)
	li	a2, REMAP_PROT
	li	a3, REMAP_FLAGS
	ld	a4, REMAP_FD(t0)
	ld	a5, REMAP_OFFSET(t0)
	li	a7, __NR_mmap
	ecall
	ld	a1, REMAP_AT(t0)
	bne	a0, a1, 2f
	mv	a0, t1
1:	ret
2:	li	a0, REMAP_STATUS
	li	a7, __NR_exit_group
	ecall
	ebreak
	.cfi_endproc
arch_remap_end:
	.size arch_remap, . - arch_remap
	.section .note.GNU-stack, "", @progbits

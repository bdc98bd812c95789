/* remap.S (riscv64): maps the running code once more. */
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
	mv	t1, a0
	bnez	a0, 4f
	li	a0, PR_SET_MM
	li	a1, PR_SET_MM_MAP
	ld	a2, REMAP_MAP(t0)
	ld	a3, REMAP_MAP_SIZE(t0)
	li	a4, 0
	li	a7, __NR_prctl
	ecall
	mv	t1, a0
	addi	t2, t0, REMAP_AGAIN
1:	ld	t3, MAPPING_LEN(t2)
	beqz	t3, 4f
	ld	t4, MAPPING_AT(t2)
	mv	a0, t4
	mv	a1, t3
	ld	a2, MAPPING_PROT(t2)
	li	a3, REMAP_FLAGS
	ld	a4, REMAP_FD(t0)
	ld	a5, MAPPING_OFFSET(t2)
	li	a7, __NR_mmap
	ecall
	bne	a0, t4, 5f
	ld	t5, MAPPING_SAVED(t2)
	beqz	t5, 3f
	add	t3, t3, t4
2:	ld	t6, 0(t5)
	sd	t6, 0(t4)
	addi	t5, t5, 8
	addi	t4, t4, 8
	bne	t4, t3, 2b
3:	addi	t2, t2, MAPPING_SIZE
	j	1b
4:	mv	a0, t1
	ret
5:	li	a0, REMAP_STATUS
	li	a7, __NR_exit_group
	ecall
	ebreak
	.cfi_endproc
arch_remap_end:
	.size arch_remap, . - arch_remap
	.section .note.GNU-stack, "", @progbits

/* remap.S (aarch64): replaces the code that is running. */
#include <asm/unistd.h>

#include "arch/remap.h"

/* The kernel keeps all registers but x0. */
	.text
	.globl arch_remap, arch_remap_end
	.hidden arch_remap, arch_remap_end
	.type arch_remap, %function
arch_remap:
	.cfi_startproc
	hint	#34
	mov	x9, x0
	ldr	x0, [x9, #REMAP_AT]
	ldr	x1, [x9, #REMAP_LEN]
	mov	x8, #__NR_munmap
	svc	#0
	cbnz	x0, 1f
	mov	x0, #PR_SET_MM
	mov	x1, #PR_SET_MM_MAP
	ldr	x2, [x9, #REMAP_MAP]
	ldr	x3, [x9, #REMAP_MAP_SIZE]
	mov	x4, #0
	mov	x8, #__NR_prctl
	svc	#0
	mov	x10, x0
	ldr	x0, [x9, #REMAP_AT]
	ldr	x1, [x9, #REMAP_LEN]
	mov	x2, #REMAP_PROT
	mov	x3, #REMAP_FLAGS
	ldr	x4, [x9, #REMAP_FD]
	ldr	x5, [x9, #REMAP_OFFSET]
	mov	x8, #__NR_mmap
	svc	#0
	ldr	x1, [x9, #REMAP_AT]
	cmp	x0, x1
	b.ne	2f
	mov	x0, x10
1:	ret
2:	mov	x0, #REMAP_STATUS
	mov	x8, #__NR_exit_group
	svc	#0
	brk	#0
	.cfi_endproc
arch_remap_end:
	.size arch_remap, . - arch_remap
	.section .note.GNU-stack, "", %progbits

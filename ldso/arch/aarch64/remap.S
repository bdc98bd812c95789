/* remap.S (aarch64): maps the running code once more. */
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
	mov	x10, x0
	cbnz	x0, 4f
	mov	x0, #PR_SET_MM
	mov	x1, #PR_SET_MM_MAP
	ldr	x2, [x9, #REMAP_MAP]
	ldr	x3, [x9, #REMAP_MAP_SIZE]
	mov	x4, #0
	mov	x8, #__NR_prctl
	svc	#0
	mov	x10, x0
	add	x11, x9, #REMAP_AGAIN
1:	ldr	x12, [x11, #MAPPING_LEN]
	cbz	x12, 4f
	ldr	x13, [x11, #MAPPING_AT]
	mov	x0, x13
	mov	x1, x12
	ldr	x2, [x11, #MAPPING_PROT]
	mov	x3, #REMAP_FLAGS
	ldr	x4, [x9, #REMAP_FD]
	ldr	x5, [x11, #MAPPING_OFFSET]
	mov	x8, #__NR_mmap
	svc	#0
	cmp	x0, x13
	b.ne	5f
	ldr	x14, [x11, #MAPPING_SAVED]
	cbz	x14, 3f
2:	ldr	x0, [x14], #8
	str	x0, [x13], #8
	subs	x12, x12, #8
	b.ne	2b
3:	add	x11, x11, #MAPPING_SIZE
	b	1b
4:	mov	x0, x10
	ret
5:	mov	x0, #REMAP_STATUS
	mov	x8, #__NR_exit_group
	svc	#0
	brk	#0
	.cfi_endproc
arch_remap_end:
	.size arch_remap, . - arch_remap
	.section .note.GNU-stack, "", %progbits

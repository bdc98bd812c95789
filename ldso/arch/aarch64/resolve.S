/* resolve.S (aarch64): the way into plt_resolve().
 *
 * SYSVABI64, "Procedure Linkage Table": PLT0 jumps to .got.plt[2] with x16 = &.got.plt[2], and on
 * the stack
 *
 *	 0(sp) the slot, &.got.plt[3 + index]      8(sp) lr
 *
 * Argument registers (AAPCS64 6.1): x0-x7, x8 (address of the result); x18 may belong to the
 * platform or hold the static chain; x9-x17 are scratch here.  v0-v7 are not touched.
 */
	.text
	.globl arch_plt_resolver
	.hidden arch_plt_resolver
	.type arch_plt_resolver, %function
arch_plt_resolver:
	.cfi_startproc
	.cfi_def_cfa_offset 16
	hint	#34
	stp	x29, x30, [sp, #-96]!
	.cfi_def_cfa_offset 112
	.cfi_offset x29, -112
	.cfi_offset x30, -104
	mov	x29, sp
	stp	x0, x1, [sp, #16]
	stp	x2, x3, [sp, #32]
	stp	x4, x5, [sp, #48]
	stp	x6, x7, [sp, #64]
	stp	x8, x18, [sp, #80]
	ldr	x0, [x16, #-8]		/* .got.plt[1] */
	ldr	x1, [sp, #96]
	sub	x1, x1, x16
	lsr	x1, x1, #3
	sub	x1, x1, #1
	bl	plt_resolve
	mov	x17, x0
	ldp	x8, x18, [sp, #80]
	ldp	x6, x7, [sp, #64]
	ldp	x4, x5, [sp, #48]
	ldp	x2, x3, [sp, #32]
	ldp	x0, x1, [sp, #16]
	ldp	x29, x30, [sp], #96
	.cfi_def_cfa_offset 16
	.cfi_restore x29
	.cfi_restore x30
	add	sp, sp, #16
	.cfi_def_cfa_offset 0
	br	x17			/* x16 or x17: lands on "bti c" */
	.cfi_endproc
	.size arch_plt_resolver, . - arch_plt_resolver
	.section .note.GNU-stack, "", %progbits

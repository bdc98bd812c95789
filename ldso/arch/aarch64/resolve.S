/* resolve.S (aarch64): the lazy resolver, and calls of foreign code that preserve the vector state.
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
	hint	#34
	stp	x29, x30, [sp, #-96]!
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
	add	sp, sp, #16
	br	x17			/* x16 or x17: lands on "bti c" */
	.size arch_plt_resolver, . - arch_plt_resolver

	.macro vectors op
	\op	q0, q1, [sp, #0]
	\op	q2, q3, [sp, #32]
	\op	q4, q5, [sp, #64]
	\op	q6, q7, [sp, #96]
	\op	q8, q9, [sp, #128]
	\op	q10, q11, [sp, #160]
	\op	q12, q13, [sp, #192]
	\op	q14, q15, [sp, #224]
	\op	q16, q17, [sp, #256]
	\op	q18, q19, [sp, #288]
	\op	q20, q21, [sp, #320]
	\op	q22, q23, [sp, #352]
	\op	q24, q25, [sp, #384]
	\op	q26, q27, [sp, #416]
	\op	q28, q29, [sp, #448]
	\op	q30, q31, [sp, #480]
	.endm

/* Preserves v0-v31, fpcr and fpsr, but not the scalable registers: functions with arguments in them
 * are bound eagerly (ARCH_VARIANT_PCS), and functions of TLS descriptors need not keep them
 * (SYSVABI64, "TLS Resolver Functions"). */
	.globl arch_call_foreign
	.hidden arch_call_foreign
	.type arch_call_foreign, %function
arch_call_foreign:
	hint	#34
	stp	x29, x30, [sp, #-32]!
	mov	x29, sp
	stp	x19, x20, [sp, #16]
	sub	sp, sp, #512
	vectors	stp
	mrs	x19, fpcr
	mrs	x20, fpsr
	mov	x16, x0
	mov	x0, x1
	mov	x1, x2
	blr	x16
	msr	fpcr, x19
	msr	fpsr, x20
	vectors	ldp
	add	sp, sp, #512
	ldp	x19, x20, [sp, #16]
	ldp	x29, x30, [sp], #32
	ret
	.size arch_call_foreign, . - arch_call_foreign
	.section .note.GNU-stack, "", %progbits

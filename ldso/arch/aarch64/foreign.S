/* foreign.S (aarch64): calls of foreign code that keep the vector state. */
	.text
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

/* Keeps v0-v31, fpcr and fpsr.  Not the scalable registers: functions with arguments in them are
 * bound eagerly (ARCH_VARIANT_PCS), and functions of TLS descriptors need not keep them (SYSVABI64,
 * "TLS Resolver Functions"). */
	.globl arch_call_foreign
	.hidden arch_call_foreign
	.type arch_call_foreign, %function
arch_call_foreign:
	.cfi_startproc
	hint	#34
	stp	x29, x30, [sp, #-32]!
	.cfi_def_cfa_offset 32
	.cfi_offset x29, -32
	.cfi_offset x30, -24
	mov	x29, sp
	.cfi_def_cfa_register x29
	stp	x19, x20, [sp, #16]
	.cfi_offset x19, -16
	.cfi_offset x20, -8
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
	.cfi_restore x19
	.cfi_restore x20
	ldp	x29, x30, [sp], #32
	.cfi_def_cfa sp, 0
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size arch_call_foreign, . - arch_call_foreign
	.section .note.GNU-stack, "", %progbits

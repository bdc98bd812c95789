/* audit.S (aarch64): the way into plt_enter() and plt_exit(), for objects that are audited.
 *
 * SYSVABI64, "Procedure Linkage Table", as in resolve.S.  The frame, of which x29 is the base:
 *
 *	  0 x29, lr     16 size of the arguments that are copied     24 dso, index     40 x18
 *	 64 the results, then the argument registers, in the layout of <bits/link.h>
 *	512 the slot    520 the caller's lr                          528 the caller's arguments
 *
 * The copy of the arguments lies below it. */
#define SIZE_      16
#define DSO        24
#define X18        40
#define RESULTS    64	/* La_aarch64_retval: x0-x7, v0-v7, a word that is 0 */
#define RET_VECTOR 128
#define RET_VPCS   256
#define REGISTERS  272	/* La_aarch64_regs: x0-x8, v0-v7, sp, lr, a word that is 0 */
#define VECTOR     352
#define SP_LR      480
#define VPCS       496
#define FRAME      512
#define SLOT       512
#define LR         520
#define ARGUMENTS  528

	.macro	general op at
	\op	x0, x1, [x29, #\at]
	\op	x2, x3, [x29, #\at + 16]
	\op	x4, x5, [x29, #\at + 32]
	\op	x6, x7, [x29, #\at + 48]
	.endm

	.macro	vectors op at
	\op	q0, q1, [x29, #\at]
	\op	q2, q3, [x29, #\at + 32]
	\op	q4, q5, [x29, #\at + 64]
	\op	q6, q7, [x29, #\at + 96]
	.endm

	/* To the stack as the caller left it; x30 is the caller's lr. */
	.macro	leave_frame
	mov	sp, x29
	.cfi_def_cfa_register sp
	ldp	x29, x30, [sp]
	.cfi_restore x29
	.cfi_restore x30
	add	sp, sp, #ARGUMENTS
	.cfi_def_cfa_offset 0
	.endm

	.text
	.globl arch_audit
	.hidden arch_audit
	.type arch_audit, %function
arch_audit:
	.cfi_startproc
	.cfi_def_cfa_offset 16
	hint	#34
	sub	sp, sp, #FRAME
	.cfi_def_cfa_offset ARGUMENTS
	stp	x29, x30, [sp]
	.cfi_offset x29, -ARGUMENTS
	.cfi_offset x30, -ARGUMENTS + 8
	mov	x29, sp
	.cfi_def_cfa_register x29
	general	stp REGISTERS
	str	x8, [x29, #REGISTERS + 64]
	str	x18, [x29, #X18]
	vectors	stp VECTOR
	add	x0, x29, #ARGUMENTS
	ldr	x1, [x29, #LR]
	stp	x0, x1, [x29, #SP_LR]
	str	xzr, [x29, #VPCS]
	ldr	x0, [x16, #-8]		/* .got.plt[1] */
	ldr	x1, [x29, #SLOT]
	sub	x1, x1, x16
	lsr	x1, x1, #3
	sub	x1, x1, #1
	stp	x0, x1, [x29, #DSO]
	add	x2, x29, #REGISTERS
	add	x3, x29, #SIZE_
	bl	plt_enter
	mov	x17, x0
	ldr	x9, [x29, #SIZE_]
	general	ldp REGISTERS
	ldr	x8, [x29, #REGISTERS + 64]
	ldr	x18, [x29, #X18]
	vectors	ldp VECTOR
	tbz	x9, #63, 1f

	/* Nobody waits for the return. */
	.cfi_remember_state
	leave_frame
	br	x17			/* x16 or x17: lands on "bti c" */

1:	.cfi_restore_state
	add	x10, x9, #15
	and	x10, x10, #-16
	sub	sp, sp, x10
	mov	x10, sp
	add	x11, x29, #ARGUMENTS
2:	cbz	x9, 3f
	sub	x9, x9, #1
	ldrb	w12, [x11, x9]
	strb	w12, [x10, x9]
	b	2b
3:	blr	x17
	general	stp RESULTS
	vectors	stp RET_VECTOR
	str	xzr, [x29, #RET_VPCS]
	mov	sp, x29
	ldp	x0, x1, [x29, #DSO]
	add	x2, x29, #REGISTERS
	add	x3, x29, #RESULTS
	bl	plt_exit
	general	ldp RESULTS
	vectors	ldp RET_VECTOR
	leave_frame
	ret
	.cfi_endproc
	.size arch_audit, . - arch_audit
	.section .note.GNU-stack, "", %progbits

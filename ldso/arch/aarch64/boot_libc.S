/* boot_libc.S (aarch64): the detour through a libc's own start.
 *
 * hint #34 is "bti c", hint #38 "bti jc": landing pads of indirect branches, no-ops on older
 * machines. */
	.text
/* AAPCS64 6.1: a callee keeps x19-x29, sp, and the low halves of v8-v15. */
	.macro saved op
	\op	x19, x20, [sp, #16]
	\op	x21, x22, [sp, #32]
	\op	x23, x24, [sp, #48]
	\op	x25, x26, [sp, #64]
	\op	x27, x28, [sp, #80]
	\op	d8, d9, [sp, #96]
	\op	d10, d11, [sp, #112]
	\op	d12, d13, [sp, #128]
	\op	d14, d15, [sp, #144]
	.endm

/* The call frame information of that: an unwinder needs those alone that the way here may change. */
	.macro in_frame
	.cfi_def_cfa_offset 160
	.cfi_offset x29, -160
	.cfi_offset x30, -152
	.endm

	.globl arch_boot_libc
	.hidden arch_boot_libc
	.type arch_boot_libc, %function
arch_boot_libc:
	.cfi_startproc
	hint	#34
	stp	x29, x30, [sp, #-160]!
	in_frame
	saved	stp
	mov	x16, x1
	mov	x2, sp
	adrp	x3, saved_sp
	str	x2, [x3, :lo12:saved_sp]
	mov	sp, x0
	.cfi_undefined x30		/* the libc's start is the outermost frame */
	mov	x0, #0
	mov	x29, #0
	br	x16
	.cfi_endproc
	.size arch_boot_libc, . - arch_boot_libc

	.globl arch_boot_return
	.hidden arch_boot_return
	.type arch_boot_return, %function
arch_boot_return:
	.cfi_startproc
	.cfi_undefined x30
	hint	#38			/* a libc comes through any register */
	adrp	x3, saved_sp
	ldr	x2, [x3, :lo12:saved_sp]
	mov	sp, x2
	in_frame
	saved	ldp
	ldp	x29, x30, [sp], #160
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size arch_boot_return, . - arch_boot_return

	.local saved_sp
	.comm saved_sp, 8, 8
	.section .note.GNU-stack, "", %progbits

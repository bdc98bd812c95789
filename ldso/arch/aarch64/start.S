/* start.S (aarch64): _start, which calls boot() and ldso_main() and enters the program; and the
 * call of a libc's start code.  At _start, sp points to argc, 16-byte aligned; x0 holds a function
 * to register with atexit or 0 (as the C libraries' start code expects).
 *
 * hint #34 is "bti c", hint #38 "bti jc": landing pads of indirect branches, no-ops on older
 * machines.
 */
	.text
	.globl _start
	.hidden _start
	.type _start, %function
_start:
	hint	#38
	mov	x29, #0			/* the outermost frame */
	mov	x19, sp
	adrp	x0, __ehdr_start
	add	x0, x0, :lo12:__ehdr_start
	adrp	x1, _DYNAMIC
	add	x1, x1, :lo12:_DYNAMIC
	bl	boot
	mov	x0, x19
	bl	ldso_main
	mov	x16, x0
	mov	x0, x1			/* the function to call at exit */
	mov	sp, x19
	br	x16
	.size _start, . - _start

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

	.globl arch_boot_libc
	.hidden arch_boot_libc
	.type arch_boot_libc, %function
arch_boot_libc:
	hint	#34
	stp	x29, x30, [sp, #-160]!
	saved	stp
	mov	x16, x1
	mov	x2, sp
	adrp	x3, saved_sp
	str	x2, [x3, :lo12:saved_sp]
	mov	sp, x0
	mov	x0, #0
	mov	x29, #0
	br	x16
	.size arch_boot_libc, . - arch_boot_libc

	.globl arch_boot_return
	.hidden arch_boot_return
	.type arch_boot_return, %function
arch_boot_return:
	hint	#38			/* a libc may jump here through any register */
	adrp	x3, saved_sp
	ldr	x2, [x3, :lo12:saved_sp]
	mov	sp, x2
	saved	ldp
	ldp	x29, x30, [sp], #160
	ret
	.size arch_boot_return, . - arch_boot_return

	.local saved_sp
	.comm saved_sp, 8, 8
	.hidden __ehdr_start
	.hidden _DYNAMIC
	.section .note.GNU-stack, "", %progbits

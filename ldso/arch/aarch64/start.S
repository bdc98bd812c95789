/* start.S (aarch64): from the kernel's stack to boot(), ldso_main() and the program.
 * At the start sp points to argc, 16-byte aligned; x0 holds a function to register with atexit or 0
 * (what the C libraries' start code reads).
 *
 * hint #34 is "bti c", hint #38 "bti jc": landing pads of indirect branches, no-ops on older
 * machines. */
	.text
	.globl _start
	.hidden _start
	.type _start, %function
_start:
	.cfi_startproc
	.cfi_undefined x30	/* the outermost frame */
	hint	#38
	mov	x29, #0
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
	.cfi_endproc
	.size _start, . - _start

	.hidden __ehdr_start
	.hidden _DYNAMIC
	.section .note.GNU-stack, "", %progbits

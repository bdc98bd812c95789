/* crt1.S: the entry of a program without a libc on aarch64; serves PIE, ET_EXEC and static alike.
 * At entry sp points at argc and x0 holds the function to call at exit (0: none).  x29 = x30 = 0
 * marks the outermost frame (AAPCS64, 6.4.6 "The Frame Pointer").
 */
	.text
	.globl _start
	.type _start, %function
_start:
	.cfi_startproc
	.cfi_undefined x30
	hint	#36		/* bti j */
	mov	x29, #0
	mov	x30, #0
	mov	x1, x0
	mov	x0, sp
	and	sp, x0, #-16
	bl	crt_start
	brk	#0
	.cfi_endproc
	.size _start, . - _start

/* crt_exit(status): exit_group(2) */
	.globl crt_exit
	.hidden crt_exit
	.type crt_exit, %function
crt_exit:
	mov	x8, #94
	svc	#0
	brk	#0
	.size crt_exit, . - crt_exit

	.section .note.GNU-stack, "", %progbits

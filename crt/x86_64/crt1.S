/* crt1.S: the entry of a program without a libc on x86_64; serves PIE, ET_EXEC and static alike.
 * At entry (x86-64 psABI, 3.4.1 "Initial Stack and Register State") rsp points at argc and rdx
 * holds the function to call at exit.  rbp = 0 marks the outermost frame.
 */
	.text
	.globl _start
	.type _start, @function
_start:
	.cfi_startproc
	.cfi_undefined rip
	xorl	%ebp, %ebp
	movq	%rsp, %rdi
	movq	%rdx, %rsi
	andq	$-16, %rsp
	call	crt_start
	hlt
	.cfi_endproc
	.size _start, . - _start

/* crt_exit(status): exit_group(2) */
	.globl crt_exit
	.hidden crt_exit
	.type crt_exit, @function
crt_exit:
	movl	$231, %eax
	syscall
	hlt
	.size crt_exit, . - crt_exit

	.section .note.GNU-stack, "", @progbits

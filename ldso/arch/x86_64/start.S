/* start.S (x86_64): from the kernel's stack to boot(), ldso_main() and the program.
 * psABI 3.4.1: rsp points to argc, rdx holds a function to register with atexit or 0. */
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	.cfi_startproc
	.cfi_undefined %rip	/* the outermost frame */
	xor	%ebp, %ebp
	mov	%rsp, %rbx
	lea	__ehdr_start(%rip), %rdi
	lea	_DYNAMIC(%rip), %rsi
	and	$-16, %rsp
	call	boot
	mov	%rbx, %rdi
	call	ldso_main
	mov	%rbx, %rsp		/* rdx: the function to call at exit */
	jmp	*%rax
	.cfi_endproc
	.size _start, . - _start

	.hidden __ehdr_start
	.hidden _DYNAMIC
	.section .note.GNU-stack, "", @progbits

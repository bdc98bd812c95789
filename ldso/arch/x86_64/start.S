/* start.S (x86_64): _start, which calls boot() and ldso_main() and enters the program; and the call
 * of a libc's start code.  psABI 3.4.1: rsp points to argc, rdx holds a function to register with
 * atexit or 0.
 */
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	xor	%ebp, %ebp		/* the outermost frame */
	mov	%rsp, %rbx
	lea	__ehdr_start(%rip), %rdi
	lea	_DYNAMIC(%rip), %rsi
	and	$-16, %rsp
	call	boot
	mov	%rbx, %rdi
	call	ldso_main
	mov	%rbx, %rsp		/* rdx: the function to call at exit */
	jmp	*%rax
	.size _start, . - _start

	.globl arch_boot_libc
	.hidden arch_boot_libc
	.type arch_boot_libc, @function
arch_boot_libc:
	push	%rbx
	push	%rbp
	push	%r12
	push	%r13
	push	%r14
	push	%r15
	mov	%rsp, saved_sp(%rip)
	mov	%rdi, %rsp
	xor	%edx, %edx
	xor	%ebp, %ebp
	jmp	*%rsi
	.size arch_boot_libc, . - arch_boot_libc

	.globl arch_boot_return
	.hidden arch_boot_return
	.type arch_boot_return, @function
arch_boot_return:
	mov	saved_sp(%rip), %rsp
	pop	%r15
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbp
	pop	%rbx
	ret
	.size arch_boot_return, . - arch_boot_return

	.local saved_sp
	.comm saved_sp, 8, 8
	.hidden __ehdr_start
	.hidden _DYNAMIC
	.section .note.GNU-stack, "", @progbits

/* boot_libc.S (x86_64): the detour through a libc's own start. */
	.text
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
	.section .note.GNU-stack, "", @progbits

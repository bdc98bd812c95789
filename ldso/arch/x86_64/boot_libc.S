/* boot_libc.S (x86_64): the detour through a libc's own start. */
#include "frame.h"

	.text
	.globl arch_boot_libc
	.hidden arch_boot_libc
	.type arch_boot_libc, @function
arch_boot_libc:
	.cfi_startproc
	save	%rbx
	save	%rbp
	save	%r12
	save	%r13
	save	%r14
	save	%r15
	mov	%rsp, saved_sp(%rip)
	mov	%rdi, %rsp
	.cfi_undefined %rip		/* the libc's start is the outermost frame */
	xor	%edx, %edx
	xor	%ebp, %ebp
	jmp	*%rsi
	.cfi_endproc
	.size arch_boot_libc, . - arch_boot_libc

	.globl arch_boot_return
	.hidden arch_boot_return
	.type arch_boot_return, @function
arch_boot_return:
	.cfi_startproc
	.cfi_undefined %rip
	mov	saved_sp(%rip), %rsp
	.cfi_restore %rip
	.cfi_def_cfa_offset 56
	.cfi_offset %rbx, -16
	.cfi_offset %rbp, -24
	.cfi_offset %r12, -32
	.cfi_offset %r13, -40
	.cfi_offset %r14, -48
	.cfi_offset %r15, -56
	restore	%r15
	restore	%r14
	restore	%r13
	restore	%r12
	restore	%rbp
	restore	%rbx
	ret
	.cfi_endproc
	.size arch_boot_return, . - arch_boot_return

	.local saved_sp
	.comm saved_sp, 8, 8
	.section .note.GNU-stack, "", @progbits

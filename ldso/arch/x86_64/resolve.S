/* resolve.S (x86_64): the way into plt_resolve().
 *
 * psABI 5.2: PLT0 pushes GOT[1] and jumps to GOT[2]; before, the slot pushed its relocation index.
 * On entry:
 *
 *	 0(%rsp) dso      8(%rsp) index      16(%rsp) the caller's return address
 *
 * Argument registers: rdi rsi rdx rcx r8 r9, rax (number of vector arguments), r10 (static chain);
 * r11 is scratch.
 */
#include "frame.h"

	.text
	.globl arch_plt_resolver
	.hidden arch_plt_resolver
	.type arch_plt_resolver, @function
arch_plt_resolver:
	.cfi_startproc
	.cfi_def_cfa_offset 24
	save	%rax
	save_arguments
	save	%rbx
	mov	72(%rsp), %rdi
	mov	80(%rsp), %rsi
	mov	%rsp, %rbx
	.cfi_def_cfa_register %rbx
	and	$-16, %rsp
	call	plt_resolve
	mov	%rax, %r11
	mov	%rbx, %rsp
	.cfi_def_cfa_register %rsp
	restore	%rbx
	restore_arguments
	restore	%rax
	lea	16(%rsp), %rsp
	.cfi_adjust_cfa_offset -16
	jmp	*%r11
	.cfi_endproc
	.size arch_plt_resolver, . - arch_plt_resolver
	.section .note.GNU-stack, "", @progbits

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
	.text
	.globl arch_plt_resolver
	.hidden arch_plt_resolver
	.type arch_plt_resolver, @function
arch_plt_resolver:
	push	%rax
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%rbx
	mov	72(%rsp), %rdi
	mov	80(%rsp), %rsi
	mov	%rsp, %rbx
	and	$-16, %rsp
	call	plt_resolve
	mov	%rax, %r11
	mov	%rbx, %rsp
	pop	%rbx
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	pop	%rax
	lea	16(%rsp), %rsp
	jmp	*%r11
	.size arch_plt_resolver, . - arch_plt_resolver
	.section .note.GNU-stack, "", @progbits

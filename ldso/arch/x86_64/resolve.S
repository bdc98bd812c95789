/* resolve.S (x86_64): the lazy resolver, and calls of foreign code that preserve the vector state.
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

/* The state is saved with xsave where the system enables it (CPUID.1:ECX.OSXSAVE), else with
 * fxsave.  Components 0xe7: x87, SSE, AVX, opmask, ZMM_Hi256, Hi16_ZMM; tile registers pass no
 * arguments.  Their area in the standard format is at most 2688 bytes long (Intel SDM 1, 13.4 and
 * 13.5). */
#define COMPONENTS 0xe7
#define AREA       2688

	.globl arch_call_foreign
	.hidden arch_call_foreign
	.type arch_call_foreign, @function
arch_call_foreign:
	push	%rbp
	mov	%rsp, %rbp
	push	%rbx
	push	%r12
	push	%r13
	push	%r14
	mov	%rdi, %r12
	mov	%rsi, %r13
	mov	%rdx, %r14
	sub	$AREA, %rsp
	and	$-64, %rsp
	mov	have_xsave(%rip), %eax
	test	%eax, %eax
	jnz	1f
	mov	$1, %eax
	cpuid
	bt	$27, %ecx
	sbb	%eax, %eax		/* -1: xsave */
	or	$1, %eax		/* 1: fxsave */
	mov	%eax, have_xsave(%rip)
1:	js	2f
	fxsave64 (%rsp)
	jmp	3f
2:	xor	%eax, %eax		/* clear the header: xstate_bv, xcomp_bv, reserved */
	lea	512(%rsp), %rdi
	mov	$8, %ecx
	rep stosq
	mov	$COMPONENTS, %eax
	xor	%edx, %edx
	xsave64	(%rsp)
3:	mov	%r13, %rdi
	mov	%r14, %rsi
	call	*%r12
	mov	%rax, %r12
	cmpl	$0, have_xsave(%rip)
	js	4f
	fxrstor64 (%rsp)
	jmp	5f
4:	mov	$COMPONENTS, %eax
	xor	%edx, %edx
	xrstor64 (%rsp)
5:	mov	%r12, %rax
	lea	-32(%rbp), %rsp
	pop	%r14
	pop	%r13
	pop	%r12
	pop	%rbx
	pop	%rbp
	ret
	.size arch_call_foreign, . - arch_call_foreign

	.local have_xsave
	.comm have_xsave, 4, 4
	.section .note.GNU-stack, "", @progbits

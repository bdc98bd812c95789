/* foreign.S (x86_64): calls of foreign code that keep the vector state.
 *
 * The state is saved with xsave where the system enables it (CPUID.1:ECX.OSXSAVE), else with fxsave.
 * Components 0xe7: x87, SSE, AVX, opmask, ZMM_Hi256, Hi16_ZMM; tile registers take no arguments.
 * Their area in the standard format ends at 2688 bytes at the most (Intel SDM 1, 13.4 and 13.5). */
#define COMPONENTS 0xe7
#define AREA       2688

#include "frame.h"

	.text
	.globl arch_call_foreign
	.hidden arch_call_foreign
	.type arch_call_foreign, @function
arch_call_foreign:
	.cfi_startproc
	save	%rbp
	save	%rbx
	save	%r12
	save	%r13
	save	%r14
	mov	%rsp, %rbp
	.cfi_def_cfa_register %rbp
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
2:	xor	%eax, %eax		/* xsave wants a clean header: xstate_bv, xcomp_bv and reserved */
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
	mov	%rbp, %rsp
	.cfi_def_cfa_register %rsp
	restore	%r14
	restore	%r13
	restore	%r12
	restore	%rbx
	restore	%rbp
	ret
	.cfi_endproc
	.size arch_call_foreign, . - arch_call_foreign

	.local have_xsave
	.comm have_xsave, 4, 4
	.section .note.GNU-stack, "", @progbits

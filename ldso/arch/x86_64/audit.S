/* audit.S (x86_64): the way into plt_enter() and plt_exit(), for objects that are audited.
 *
 * psABI 5.2, as in resolve.S.  The frame, of which rbx is the base:
 *
 *	 0(%rbx) rbx     8(%rbx) rax    16(%rbx) r10    24(%rbx) size of the arguments that are copied;
 *	                                                         then the registers' address
 *	32(%rbx) dso    40(%rbx) index  48(%rbx) the caller's return address
 *	56(%rbx) the caller's arguments on the stack
 *
 * Below it are, aligned, the registers in the layout of <bits/link.h> (call_registers.c), then the copy of the
 * arguments, and in its place, after the call, the results. */
#define DSO       32(%rbx)
#define INDEX     40(%rbx)
#define RETURN    48
#define ARGUMENTS 56
#define EATEN     48 /* from rbx to the return address */

/* struct arch_call_registers */
#define RDX       0
#define R8        8
#define R9        16
#define RCX       24
#define RSI       32
#define RDI       40
#define RBP       48
#define RSP       56
#define XMM       64
#define VECTOR    192
#define XMM_AGAIN 768
#define REGISTERS 896

/* struct arch_call_results, and the number of x87 registers that were not empty. */
#define RET_RAX       0
#define RET_RDX       8
#define RET_XMM       16
#define RET_ST        48
#define RET_VECTOR    80
#define RET_XMM_AGAIN 240
#define RET_X87       272
#define RESULTS       320

#define EMPTY_MASK 0x4500 /* of the x87 status word, after fxam: C3, C2, C0 */
#define EMPTY      0x4100

/* The vector registers of these numbers: the xmm part twice, and all of it.  xmov, vmov: unaligned
 * moves. */
	.macro	store_vectors numbers xmov xmm vmov vector again vec
	.irp	i, \numbers
	\xmov	%xmm\i, \xmm + 16 * \i(%rsp)
	\xmov	%xmm\i, \again + 16 * \i(%rsp)
	\vmov	%\vec\i, \vector + 64 * \i(%rsp)
	.endr
	.endm

	.macro	load_vectors numbers vmov vector vec
	.irp	i, \numbers
	\vmov	\vector + 64 * \i(%rsp), %\vec\i
	.endr
	.endm

	/* Back to the stack as the caller left it, but for the return address. */
	.macro	leave_frame
	mov	%rbx, %rsp
	.cfi_def_cfa_register %rsp
	mov	(%rsp), %rbx
	.cfi_restore %rbx
	add	$EATEN, %rsp
	.cfi_adjust_cfa_offset -EATEN
	.endm

	.macro	audit xmov vmov vec
	.cfi_startproc
	.cfi_def_cfa_offset 24
	sub	$32, %rsp
	.cfi_adjust_cfa_offset 32
	mov	%rbx, (%rsp)
	.cfi_rel_offset %rbx, 0
	mov	%rsp, %rbx
	.cfi_def_cfa_register %rbx
	mov	%rax, 8(%rbx)
	mov	%r10, 16(%rbx)
	sub	$REGISTERS, %rsp
	and	$-64, %rsp
	mov	%rdx, RDX(%rsp)
	mov	%r8, R8(%rsp)
	mov	%r9, R9(%rsp)
	mov	%rcx, RCX(%rsp)
	mov	%rsi, RSI(%rsp)
	mov	%rdi, RDI(%rsp)
	mov	%rbp, RBP(%rsp)
	lea	RETURN(%rbx), %rax
	mov	%rax, RSP(%rsp)
	store_vectors "0,1,2,3,4,5,6,7" \xmov XMM \vmov VECTOR XMM_AGAIN \vec
	mov	DSO, %rdi
	mov	INDEX, %rsi
	mov	%rsp, %rdx
	lea	24(%rbx), %rcx
	call	plt_enter
	mov	%rax, %r11
	load_vectors "0,1,2,3,4,5,6,7" \vmov VECTOR \vec
	mov	RDX(%rsp), %rdx
	mov	R8(%rsp), %r8
	mov	R9(%rsp), %r9
	mov	8(%rbx), %rax
	mov	16(%rbx), %r10
	mov	24(%rbx), %rcx
	test	%rcx, %rcx
	jns	1f

	/* Nobody waits for the return. */
	mov	RCX(%rsp), %rcx
	mov	RSI(%rsp), %rsi
	mov	RDI(%rsp), %rdi
	.cfi_remember_state
	leave_frame
	jmp	*%r11

1:	.cfi_restore_state
	mov	%rsp, 24(%rbx)
	lea	15(%rcx), %rdi
	and	$-16, %rdi
	sub	%rdi, %rsp
	mov	%rsp, %rdi
	lea	ARGUMENTS(%rbx), %rsi
	rep movsb
	mov	24(%rbx), %rdi
	mov	RCX(%rdi), %rcx
	mov	RSI(%rdi), %rsi
	mov	RDI(%rdi), %rdi
	call	*%r11
	mov	24(%rbx), %rsp
	sub	$RESULTS, %rsp
	mov	%rax, RET_RAX(%rsp)
	mov	%rdx, RET_RDX(%rsp)
	store_vectors "0,1" \xmov RET_XMM \vmov RET_VECTOR RET_XMM_AGAIN \vec
	xor	%eax, %eax
	mov	%rax, RET_ST(%rsp)
	mov	%rax, RET_ST + 8(%rsp)
	mov	%rax, RET_ST + 16(%rsp)
	mov	%rax, RET_ST + 24(%rsp)
	movl	$0, RET_X87(%rsp)
	fxam
	fnstsw	%ax
	and	$EMPTY_MASK, %ax
	cmp	$EMPTY, %ax
	je	2f
	fstpt	RET_ST(%rsp)
	incl	RET_X87(%rsp)
	fxam
	fnstsw	%ax
	and	$EMPTY_MASK, %ax
	cmp	$EMPTY, %ax
	je	2f
	fstpt	RET_ST + 16(%rsp)
	incl	RET_X87(%rsp)
2:	mov	DSO, %rdi
	mov	INDEX, %rsi
	mov	24(%rbx), %rdx
	mov	%rsp, %rcx
	call	plt_exit
	cmpl	$1, RET_X87(%rsp)
	jb	4f
	je	3f
	fldt	RET_ST + 16(%rsp)
3:	fldt	RET_ST(%rsp)
4:	load_vectors "0,1" \vmov RET_VECTOR \vec
	mov	RET_RAX(%rsp), %rax
	mov	RET_RDX(%rsp), %rdx
	leave_frame
	ret
	.cfi_endproc
	.endm

	.text
	.globl arch_audit_xmm
	.hidden arch_audit_xmm
	.type arch_audit_xmm, @function
arch_audit_xmm:
	audit	movups movups xmm
	.size arch_audit_xmm, . - arch_audit_xmm

	.globl arch_audit_ymm
	.hidden arch_audit_ymm
	.type arch_audit_ymm, @function
arch_audit_ymm:
	audit	vmovups vmovups ymm
	.size arch_audit_ymm, . - arch_audit_ymm

	.globl arch_audit_zmm
	.hidden arch_audit_zmm
	.type arch_audit_zmm, @function
arch_audit_zmm:
	audit	vmovups vmovups zmm
	.size arch_audit_zmm, . - arch_audit_zmm

	.section .note.GNU-stack, "", @progbits

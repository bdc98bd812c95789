/* tlsdesc.S (x86_64): functions of TLS descriptors.
 *
 * "Thread-Local Storage Descriptors for IA32 and AMD64/EM64T" (Oliva, 2006): the descriptor's
 * address is passed in rax, the offset from the thread pointer is returned in rax, every other
 * register keeps its value.
 */
	.text
	.globl arch_tlsdesc_static
	.hidden arch_tlsdesc_static
	.type arch_tlsdesc_static, @function
arch_tlsdesc_static:
	mov	8(%rax), %rax
	ret
	.size arch_tlsdesc_static, . - arch_tlsdesc_static

	.globl arch_tlsdesc_undefined_weak
	.hidden arch_tlsdesc_undefined_weak
	.type arch_tlsdesc_undefined_weak, @function
arch_tlsdesc_undefined_weak:
	mov	8(%rax), %rax
	sub	%fs:0, %rax
	ret
	.size arch_tlsdesc_undefined_weak, . - arch_tlsdesc_undefined_weak

	.globl arch_tlsdesc_dynamic
	.hidden arch_tlsdesc_dynamic
	.type arch_tlsdesc_dynamic, @function
arch_tlsdesc_dynamic:
	push	%rcx
	push	%rdx
	push	%rsi
	push	%rdi
	push	%r8
	push	%r9
	push	%r10
	push	%r11
	push	%rbx
	mov	%rsp, %rbx
	and	$-16, %rsp
	mov	8(%rax), %rdi
	call	tls_address
	sub	%fs:0, %rax
	mov	%rbx, %rsp
	pop	%rbx
	pop	%r11
	pop	%r10
	pop	%r9
	pop	%r8
	pop	%rdi
	pop	%rsi
	pop	%rdx
	pop	%rcx
	ret
	.size arch_tlsdesc_dynamic, . - arch_tlsdesc_dynamic
	.section .note.GNU-stack, "", @progbits

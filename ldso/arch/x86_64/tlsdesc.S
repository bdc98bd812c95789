/* tlsdesc.S (x86_64): functions of TLS descriptors.
 *
 * "Thread-Local Storage Descriptors for IA32 and AMD64/EM64T" (Oliva, 2006): the descriptor's
 * address is passed in rax, the offset from the thread pointer is returned in rax, every other
 * register keeps its value.
 */
#include "frame.h"

	.text
	.globl arch_tlsdesc_static
	.hidden arch_tlsdesc_static
	.type arch_tlsdesc_static, @function
arch_tlsdesc_static:
	.cfi_startproc
	mov	8(%rax), %rax
	ret
	.cfi_endproc
	.size arch_tlsdesc_static, . - arch_tlsdesc_static

	.globl arch_tlsdesc_undefined_weak
	.hidden arch_tlsdesc_undefined_weak
	.type arch_tlsdesc_undefined_weak, @function
arch_tlsdesc_undefined_weak:
	.cfi_startproc
	mov	8(%rax), %rax
	sub	%fs:0, %rax
	ret
	.cfi_endproc
	.size arch_tlsdesc_undefined_weak, . - arch_tlsdesc_undefined_weak

	.globl arch_tlsdesc_dynamic
	.hidden arch_tlsdesc_dynamic
	.type arch_tlsdesc_dynamic, @function
arch_tlsdesc_dynamic:
	.cfi_startproc
	save_arguments
	save	%r11
	save	%rbx
	mov	%rsp, %rbx
	.cfi_def_cfa_register %rbx
	and	$-16, %rsp
	mov	8(%rax), %rdi
	call	tls_address
	sub	%fs:0, %rax
	mov	%rbx, %rsp
	.cfi_def_cfa_register %rsp
	restore	%rbx
	restore	%r11
	restore_arguments
	ret
	.cfi_endproc
	.size arch_tlsdesc_dynamic, . - arch_tlsdesc_dynamic
	.section .note.GNU-stack, "", @progbits

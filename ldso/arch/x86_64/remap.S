/* remap.S (x86_64): replaces the code that is running. */
#include <asm/unistd.h>

#include "arch/remap.h"
#include "frame.h"

/* The kernel keeps all registers but rax, rcx and r11. */
	.text
	.globl arch_remap, arch_remap_end
	.hidden arch_remap, arch_remap_end
	.type arch_remap, @function
arch_remap:
	.cfi_startproc
	save	%rbx
	save	%rbp
	mov	%rdi, %rbx
	mov	REMAP_LEN(%rbx), %rsi
	mov	REMAP_AT(%rbx), %rdi
	mov	$__NR_munmap, %eax
	syscall
	test	%rax, %rax
	jnz	1f
	mov	$PR_SET_MM, %edi
	mov	$PR_SET_MM_MAP, %esi
	mov	REMAP_MAP(%rbx), %rdx
	mov	REMAP_MAP_SIZE(%rbx), %r10
	xor	%r8d, %r8d
	mov	$__NR_prctl, %eax
	syscall
	mov	%rax, %rbp
	mov	REMAP_AT(%rbx), %rdi
	mov	REMAP_LEN(%rbx), %rsi
	mov	$REMAP_PROT, %edx
	mov	$REMAP_FLAGS, %r10d
	mov	REMAP_FD(%rbx), %r8
	mov	REMAP_OFFSET(%rbx), %r9
	mov	$__NR_mmap, %eax
	syscall
	cmp	REMAP_AT(%rbx), %rax
	jne	2f
	mov	%rbp, %rax
1:	restore	%rbp
	restore	%rbx
	ret
	.cfi_adjust_cfa_offset 16
	.cfi_rel_offset %rbx, 8
	.cfi_rel_offset %rbp, 0
2:	mov	$REMAP_STATUS, %edi
	mov	$__NR_exit_group, %eax
	syscall
	hlt
	.cfi_endproc
arch_remap_end:
	.size arch_remap, . - arch_remap
	.section .note.GNU-stack, "", @progbits

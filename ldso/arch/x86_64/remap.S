/* remap.S (x86_64): maps the running code once more. */
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
	save	%r12
	mov	%rdi, %rbx
	mov	REMAP_LEN(%rbx), %rsi
	mov	REMAP_AT(%rbx), %rdi
	mov	$__NR_munmap, %eax
	syscall
	mov	%rax, %rbp
	test	%rax, %rax
	jnz	3f
	mov	$PR_SET_MM, %edi
	mov	$PR_SET_MM_MAP, %esi
	mov	REMAP_MAP(%rbx), %rdx
	mov	REMAP_MAP_SIZE(%rbx), %r10
	xor	%r8d, %r8d
	mov	$__NR_prctl, %eax
	syscall
	mov	%rax, %rbp
	lea	REMAP_AGAIN(%rbx), %r12
1:	mov	MAPPING_LEN(%r12), %rsi
	test	%rsi, %rsi
	jz	3f
	mov	MAPPING_AT(%r12), %rdi
	mov	MAPPING_PROT(%r12), %rdx
	mov	$REMAP_FLAGS, %r10d
	mov	REMAP_FD(%rbx), %r8
	mov	MAPPING_OFFSET(%r12), %r9
	mov	$__NR_mmap, %eax
	syscall
	cmp	MAPPING_AT(%r12), %rax
	jne	4f
	mov	MAPPING_LEN(%r12), %rcx
	mov	MAPPING_SAVED(%r12), %rsi
	test	%rsi, %rsi
	jz	2f
	rep movsb
2:	add	$MAPPING_SIZE, %r12
	jmp	1b
3:	mov	%rbp, %rax
	restore	%r12
	restore	%rbp
	restore	%rbx
	ret
4:	mov	$REMAP_STATUS, %edi
	mov	$__NR_exit_group, %eax
	syscall
	hlt
	.cfi_endproc
arch_remap_end:
	.size arch_remap, . - arch_remap
	.section .note.GNU-stack, "", @progbits

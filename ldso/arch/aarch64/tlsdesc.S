/* tlsdesc.S (aarch64): functions of TLS descriptors.
 *
 * SYSVABI64, "TLS Resolver Functions": the descriptor's address is passed in x0, the offset from
 * the thread pointer is returned in x0; only x1, lr and the flags may change besides.  x1 is
 * preserved too, since a compiler may call through another register.
 */
	.text
	.globl arch_tlsdesc_static
	.hidden arch_tlsdesc_static
	.type arch_tlsdesc_static, %function
arch_tlsdesc_static:
	.cfi_startproc
	hint	#34
	ldr	x0, [x0, #8]
	ret
	.cfi_endproc
	.size arch_tlsdesc_static, . - arch_tlsdesc_static

	.globl arch_tlsdesc_undefined_weak
	.hidden arch_tlsdesc_undefined_weak
	.type arch_tlsdesc_undefined_weak, %function
arch_tlsdesc_undefined_weak:
	.cfi_startproc
	hint	#34
	str	x1, [sp, #-16]!
	.cfi_def_cfa_offset 16
	.cfi_offset x1, -16
	ldr	x0, [x0, #8]
	mrs	x1, tpidr_el0
	sub	x0, x0, x1
	ldr	x1, [sp], #16
	.cfi_def_cfa_offset 0
	.cfi_restore x1
	ret
	.cfi_endproc
	.size arch_tlsdesc_undefined_weak, . - arch_tlsdesc_undefined_weak

	.globl arch_tlsdesc_dynamic
	.hidden arch_tlsdesc_dynamic
	.type arch_tlsdesc_dynamic, %function
arch_tlsdesc_dynamic:
	.cfi_startproc
	hint	#34
	stp	x29, x30, [sp, #-160]!
	.cfi_def_cfa_offset 160
	.cfi_offset x29, -160
	.cfi_offset x30, -152
	mov	x29, sp
	stp	x1, x2, [sp, #16]
	stp	x3, x4, [sp, #32]
	stp	x5, x6, [sp, #48]
	stp	x7, x8, [sp, #64]
	stp	x9, x10, [sp, #80]
	stp	x11, x12, [sp, #96]
	stp	x13, x14, [sp, #112]
	stp	x15, x16, [sp, #128]
	stp	x17, x18, [sp, #144]
	ldr	x0, [x0, #8]
	bl	tls_address
	mrs	x1, tpidr_el0
	sub	x0, x0, x1
	ldp	x17, x18, [sp, #144]
	ldp	x15, x16, [sp, #128]
	ldp	x13, x14, [sp, #112]
	ldp	x11, x12, [sp, #96]
	ldp	x9, x10, [sp, #80]
	ldp	x7, x8, [sp, #64]
	ldp	x5, x6, [sp, #48]
	ldp	x3, x4, [sp, #32]
	ldp	x1, x2, [sp, #16]
	ldp	x29, x30, [sp], #160
	.cfi_def_cfa_offset 0
	.cfi_restore x29
	.cfi_restore x30
	ret
	.cfi_endproc
	.size arch_tlsdesc_dynamic, . - arch_tlsdesc_dynamic
	.section .note.GNU-stack, "", %progbits

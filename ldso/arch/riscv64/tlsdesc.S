/* tlsdesc.S (riscv64): functions of TLS descriptors.
 *
 * riscv-elf, "TLS Descriptors": the descriptor's address is passed in a0, the offset from the
 * thread pointer is returned in a0, t0 is the link register, every other register keeps its value,
 * vector registers included.  System calls destroy those, so tls_address() counts as foreign code
 * here.
 */
	.option norelax
	.text
	.globl arch_tlsdesc_static
	.hidden arch_tlsdesc_static
	.type arch_tlsdesc_static, @function
arch_tlsdesc_static:
	.cfi_startproc
	.cfi_return_column t0
	ld	a0, 8(a0)
	jr	t0
	.cfi_endproc
	.size arch_tlsdesc_static, . - arch_tlsdesc_static

	.globl arch_tlsdesc_undefined_weak
	.hidden arch_tlsdesc_undefined_weak
	.type arch_tlsdesc_undefined_weak, @function
arch_tlsdesc_undefined_weak:
	.cfi_startproc
	.cfi_return_column t0
	ld	a0, 8(a0)
	sub	a0, a0, tp
	jr	t0
	.cfi_endproc
	.size arch_tlsdesc_undefined_weak, . - arch_tlsdesc_undefined_weak

	.macro scratch op
	\op	ra, 0(sp)
	\op	t0, 8(sp)
	\op	t1, 16(sp)
	\op	t2, 24(sp)
	\op	t3, 32(sp)
	\op	t4, 40(sp)
	\op	t5, 48(sp)
	\op	t6, 56(sp)
	\op	a1, 64(sp)
	\op	a2, 72(sp)
	\op	a3, 80(sp)
	\op	a4, 88(sp)
	\op	a5, 96(sp)
	\op	a6, 104(sp)
	\op	a7, 112(sp)
	.endm

	.globl arch_tlsdesc_dynamic
	.hidden arch_tlsdesc_dynamic
	.type arch_tlsdesc_dynamic, @function
arch_tlsdesc_dynamic:
	.cfi_startproc
	.cfi_return_column t0
	addi	sp, sp, -128
	.cfi_def_cfa_offset 128
	scratch	sd
	.cfi_offset ra, -128
	.cfi_offset t0, -120
	ld	a1, 8(a0)
	lla	a0, tls_address
	call	arch_call_foreign
	sub	a0, a0, tp
	scratch	ld
	.cfi_restore ra
	.cfi_restore t0
	addi	sp, sp, 128
	.cfi_def_cfa_offset 0
	jr	t0
	.cfi_endproc
	.size arch_tlsdesc_dynamic, . - arch_tlsdesc_dynamic
	.section .note.GNU-stack, "", @progbits

/* resolve.S (riscv64): the way into plt_resolve().
 *
 * riscv-elf, "Procedure Linkage Table": PLT0 jumps to .got.plt[0] with t0 = .got.plt[1] and t1 =
 * the slot's offset in bytes from .got.plt[2], that is 8 * index; ra is the caller's.
 *
 * Argument registers (riscv-cc): a0-a7; t0-t6 are scratch, PLT0 itself uses t0-t3.  fa0-fa7 are not
 * touched.
 */
	.option norelax
	.text
	.macro arguments op
	\op	a0, 0(sp)
	\op	a1, 8(sp)
	\op	a2, 16(sp)
	\op	a3, 24(sp)
	\op	a4, 32(sp)
	\op	a5, 40(sp)
	\op	a6, 48(sp)
	\op	a7, 56(sp)
	\op	ra, 64(sp)
	.endm

	.globl arch_plt_resolver
	.hidden arch_plt_resolver
	.type arch_plt_resolver, @function
arch_plt_resolver:
	.cfi_startproc
	addi	sp, sp, -80
	.cfi_def_cfa_offset 80
	arguments sd
	.cfi_offset ra, -16
	mv	a0, t0
	srli	a1, t1, 3
	call	plt_resolve
	mv	t1, a0
	arguments ld
	.cfi_restore ra
	addi	sp, sp, 80
	.cfi_def_cfa_offset 0
	jr	t1
	.cfi_endproc
	.size arch_plt_resolver, . - arch_plt_resolver
	.section .note.GNU-stack, "", @progbits

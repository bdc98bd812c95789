/* foreign.S (riscv64): calls of foreign code that keep the vector state, and what says whether there
 * is one. */
#define __NR_riscv_hwprobe 258
#define VLENB              0xc22	/* CSR: bytes of a vector register */

	.option norelax
	.text
/* f registers that a callee may change. */
	.macro floats op
	\op	ft0, 0(sp)
	\op	ft1, 8(sp)
	\op	ft2, 16(sp)
	\op	ft3, 24(sp)
	\op	ft4, 32(sp)
	\op	ft5, 40(sp)
	\op	ft6, 48(sp)
	\op	ft7, 56(sp)
	\op	ft8, 64(sp)
	\op	ft9, 72(sp)
	\op	ft10, 80(sp)
	\op	ft11, 88(sp)
	\op	fa0, 96(sp)
	\op	fa1, 104(sp)
	\op	fa2, 112(sp)
	\op	fa3, 120(sp)
	\op	fa4, 128(sp)
	\op	fa5, 136(sp)
	\op	fa6, 144(sp)
	\op	fa7, 152(sp)
	.endm

/* vs8r.v (opcode 0x27) or vl8re8.v (0x07) for v0-v31, upwards from sp ("V" Extension 1.0, 7.9),
 * spelled out for assemblers that were told of no V.  Changes t0 and t1. */
	.macro vectors opcode
	csrr	t0, VLENB
	slli	t0, t0, 3
	mv	t1, sp
	.insn	r \opcode, 0, 0x71, x0, t1, x8
	add	t1, t1, t0
	.insn	r \opcode, 0, 0x71, x8, t1, x8
	add	t1, t1, t0
	.insn	r \opcode, 0, 0x71, x16, t1, x8
	add	t1, t1, t0
	.insn	r \opcode, 0, 0x71, x24, t1, x8
	.endm

/* Keeps the f registers (fs0-fs11 the callee does), fcsr, and v0-v31 where there are any; not vl,
 * vtype, vxrm and vxsat, which no call keeps (riscv-cc, "Vector Register Convention"). */
	.globl arch_call_foreign
	.hidden arch_call_foreign
	.type arch_call_foreign, @function
arch_call_foreign:
	.cfi_startproc
	addi	sp, sp, -192
	.cfi_def_cfa_offset 192
	sd	ra, 184(sp)
	sd	s0, 176(sp)
	sd	s1, 168(sp)
	sd	s2, 160(sp)
	.cfi_offset ra, -8
	.cfi_offset s0, -16
	.cfi_offset s1, -24
	.cfi_offset s2, -32
	addi	s0, sp, 192
	.cfi_def_cfa s0, 0
	floats	fsd
	frcsr	s1
	lla	t0, arch_have_vector
	lw	s2, 0(t0)
	beqz	s2, 1f
	csrr	t0, VLENB
	slli	t0, t0, 5
	sub	sp, sp, t0
	vectors	0x27
1:	mv	t1, a0
	mv	a0, a1
	mv	a1, a2
	jalr	t1
	beqz	s2, 2f
	vectors	0x07
2:	addi	sp, s0, -192
	.cfi_def_cfa sp, 192
	fscsr	s1
	floats	fld
	ld	s2, 160(sp)
	ld	s1, 168(sp)
	ld	s0, 176(sp)
	ld	ra, 184(sp)
	.cfi_restore s2
	.cfi_restore s1
	.cfi_restore s0
	.cfi_restore ra
	addi	sp, sp, 192
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size arch_call_foreign, . - arch_call_foreign

/* riscv_hwprobe(2), but errors come back positive, as from the C libraries' __riscv_hwprobe. */
	.globl arch_hwprobe
	.hidden arch_hwprobe
	.type arch_hwprobe, @function
arch_hwprobe:
	.cfi_startproc
	li	a7, __NR_riscv_hwprobe
	ecall
	neg	a0, a0
	ret
	.cfi_endproc
	.size arch_hwprobe, . - arch_hwprobe

/* Set by _start: whether this process has vector registers. */
	.globl arch_have_vector
	.hidden arch_have_vector
	.comm arch_have_vector, 4, 4
	.section .note.GNU-stack, "", @progbits

/* boot_libc.S (riscv64): the detour through a libc's own start.  Its jump avoids t0 and ra, which
 * processors take for returns. */
	.option norelax
	.text
/* riscv-cc, "Register Convention": a callee keeps s0-s11, sp and fs0-fs11. */
	.macro saved op, fop
	\op	ra, 0(sp)
	\op	s0, 8(sp)
	\op	s1, 16(sp)
	\op	s2, 24(sp)
	\op	s3, 32(sp)
	\op	s4, 40(sp)
	\op	s5, 48(sp)
	\op	s6, 56(sp)
	\op	s7, 64(sp)
	\op	s8, 72(sp)
	\op	s9, 80(sp)
	\op	s10, 88(sp)
	\op	s11, 96(sp)
	\fop	fs0, 104(sp)
	\fop	fs1, 112(sp)
	\fop	fs2, 120(sp)
	\fop	fs3, 128(sp)
	\fop	fs4, 136(sp)
	\fop	fs5, 144(sp)
	\fop	fs6, 152(sp)
	\fop	fs7, 160(sp)
	\fop	fs8, 168(sp)
	\fop	fs9, 176(sp)
	\fop	fs10, 184(sp)
	\fop	fs11, 192(sp)
	.endm

	.macro in_frame
	.cfi_offset ra, -208
	.cfi_offset s0, -200
	.endm

	.globl arch_boot_libc
	.hidden arch_boot_libc
	.type arch_boot_libc, @function
arch_boot_libc:
	.cfi_startproc
	addi	sp, sp, -208
	.cfi_def_cfa_offset 208
	saved	sd, fsd
	in_frame
	lla	t0, saved_sp
	sd	sp, 0(t0)
	mv	sp, a0
	.cfi_undefined ra		/* the libc's start is the outermost frame */
	mv	t1, a1
	li	a0, 0
	li	s0, 0
	jr	t1
	.cfi_endproc
	.size arch_boot_libc, . - arch_boot_libc

	.globl arch_boot_return
	.hidden arch_boot_return
	.type arch_boot_return, @function
arch_boot_return:
	.cfi_startproc
	.cfi_undefined ra
	lla	t0, saved_sp
	ld	sp, 0(t0)
	.cfi_def_cfa_offset 208
	in_frame
	saved	ld, fld
	.cfi_restore ra
	.cfi_restore s0
	addi	sp, sp, 208
	.cfi_def_cfa_offset 0
	ret
	.cfi_endproc
	.size arch_boot_return, . - arch_boot_return

	.local saved_sp
	.comm saved_sp, 8, 8
	.section .note.GNU-stack, "", @progbits

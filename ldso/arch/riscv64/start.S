/* start.S (riscv64): _start, which calls boot() and ldso_main() and enters the program; and the
 * call of a libc's start code.  At _start, sp points to argc, 16-byte aligned; a0 holds a function
 * to register with atexit or 0 (as the C libraries' start code expects).
 *
 * gp belongs to the program (riscv-cc, "Integer Register Convention"): nothing here reads or writes
 * it, hence norelax; and the jumps avoid t0 and ra, since processors predict jumps through these as
 * returns.
 */
#define AT_HWCAP 16
#define HWCAP_V  21	/* bit 'V' - 'A' */

	.option norelax
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	li	s0, 0			/* the outermost frame */
	mv	s1, sp
	call	find_vector
	lla	a0, __ehdr_start
	lla	a1, _DYNAMIC
	call	boot
	mv	a0, s1
	call	ldso_main
	mv	t1, a0
	mv	a0, a1			/* the function to call at exit */
	mv	sp, s1
	jr	t1
	.size _start, . - _start

/* Sets arch_have_vector from AT_HWCAP in the auxiliary vector, behind argv and envp: the kernel
 * sets bit V for a process that may use vector registers.  arch_call_foreign cannot find out by
 * itself: a system call would destroy what it has to preserve. */
	.type find_vector, @function
find_vector:
	ld	t0, 0(sp)
	slli	t0, t0, 3
	add	t0, sp, t0
	addi	t0, t0, 16		/* envp */
1:	ld	t1, 0(t0)
	addi	t0, t0, 8
	bnez	t1, 1b
	li	t2, AT_HWCAP
2:	ld	t1, 0(t0)
	beqz	t1, 3f
	addi	t0, t0, 16
	bne	t1, t2, 2b
	ld	t1, -8(t0)
	srli	t1, t1, HWCAP_V
	andi	t1, t1, 1
	lla	t0, arch_have_vector
	sw	t1, 0(t0)
3:	ret
	.size find_vector, . - find_vector

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

	.globl arch_boot_libc
	.hidden arch_boot_libc
	.type arch_boot_libc, @function
arch_boot_libc:
	addi	sp, sp, -208
	saved	sd, fsd
	lla	t0, saved_sp
	sd	sp, 0(t0)
	mv	sp, a0
	mv	t1, a1
	li	a0, 0
	li	s0, 0
	jr	t1
	.size arch_boot_libc, . - arch_boot_libc

	.globl arch_boot_return
	.hidden arch_boot_return
	.type arch_boot_return, @function
arch_boot_return:
	lla	t0, saved_sp
	ld	sp, 0(t0)
	saved	ld, fld
	addi	sp, sp, 208
	ret
	.size arch_boot_return, . - arch_boot_return

	.local saved_sp
	.comm saved_sp, 8, 8
	.hidden __ehdr_start
	.hidden _DYNAMIC
	.hidden arch_have_vector
	.section .note.GNU-stack, "", @progbits

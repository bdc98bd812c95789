/* start.S (riscv64): from the kernel's stack to boot(), ldso_main() and the program.
 * At the start sp points to argc, 16-byte aligned; a0 holds a function to register with atexit or 0
 * (what the C libraries' start code reads).
 *
 * gp belongs to the program (riscv-cc, "Integer Register Convention"): nothing here reads or writes
 * it, hence norelax; and the jumps avoid t0 and ra, which processors take for returns. */
#define AT_HWCAP 16
#define HWCAP_V  21	/* bit 'V' - 'A' */

	.option norelax
	.text
	.globl _start
	.hidden _start
	.type _start, @function
_start:
	.cfi_startproc
	.cfi_undefined ra	/* the outermost frame */
	li	s0, 0
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
	.cfi_endproc
	.size _start, . - _start

/* Looks AT_HWCAP up in the auxiliary vector, behind argv and envp.  The kernel shows its bit V to a
 * process that may use vector registers.  arch_call_foreign cannot ask later: a system call would
 * destroy what it has to keep. */
	.type find_vector, @function
find_vector:
	.cfi_startproc
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
	.cfi_endproc
	.size find_vector, . - find_vector

	.hidden __ehdr_start
	.hidden _DYNAMIC
	.hidden arch_have_vector
	.section .note.GNU-stack, "", @progbits

/* crt1.S: the entry of a program without a libc on riscv64; serves PIE, ET_EXEC and static alike.
 * At entry sp points at argc and a0 holds the function to call at exit (0: none).  gp is set up
 * here for the whole program: RISC-V ELF psABI, "Global-pointer Relaxation".
 */
	.text
	.globl _start
	.type _start, @function
_start:
	.cfi_startproc
	.cfi_undefined ra
	.weak __global_pointer$
	.hidden __global_pointer$
	.option push
	.option norelax
	lla	gp, __global_pointer$
	.option pop
	mv	a1, a0
	mv	a0, sp
	andi	sp, sp, -16
	li	s0, 0
	li	ra, 0
	call	crt_start
	ebreak
	.cfi_endproc
	.size _start, . - _start

/* crt_exit(status): exit_group(2) */
	.globl crt_exit
	.hidden crt_exit
	.type crt_exit, @function
crt_exit:
	li	a7, 94
	ecall
	ebreak
	.size crt_exit, . - crt_exit

	.section .note.GNU-stack, "", @progbits

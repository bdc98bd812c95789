/* frame.h (x86_64): pushes and pops with the call frame information (DWARF 5, 6.4) that an unwinder
 * needs at each instruction.  The CFA must be relative to rsp. */
	.macro save reg
	push	\reg
	.cfi_adjust_cfa_offset 8
	.cfi_rel_offset \reg, 0
	.endm

	.macro restore reg
	pop	\reg
	.cfi_adjust_cfa_offset -8
	.cfi_restore \reg
	.endm

/* The argument registers of the psABI (3.2.3) that are not vector registers, and the static chain. */
	.macro save_arguments
	.irp	reg, %rcx, %rdx, %rsi, %rdi, %r8, %r9, %r10
	save	\reg
	.endr
	.endm

	.macro restore_arguments
	.irp	reg, %r10, %r9, %r8, %rdi, %rsi, %rdx, %rcx
	restore	\reg
	.endr
	.endm

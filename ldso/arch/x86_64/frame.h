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

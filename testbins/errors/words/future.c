/* A property note: GNU_PROPERTY_X86_ISA_1_NEEDED with bit 30. */
__asm__(".pushsection .note.gnu.property, \"a\", @note\n"
	".balign 8\n"
	".long 4, 16, 5\n"
	".asciz \"GNU\"\n"
	".long 0xc0008002, 4, 0x40000000, 0\n"
	".popsection");

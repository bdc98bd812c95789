#ifdef MARKED
/* The program property of objects with landing pads: GNU_PROPERTY_AARCH64_FEATURE_1_AND, BTI. */
__asm__(".pushsection .note.gnu.property, \"a\"\n"
	".balign 8\n"
	".long 4, 16, 5\n"
	".asciz \"GNU\"\n"
	".long 0xc0000000, 4, 1, 0\n"
	".popsection");
#endif

int number(void)
{
	return 7;
}

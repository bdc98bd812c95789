/* A symbol of 56 bytes in a section of 4: what the segment has behind it is copied too. */
__asm__(".data\n"
	".globl small\n"
	".type small, @object\n"
	".size small, 56\n"
	"small: .long 56\n"
	".text\n");

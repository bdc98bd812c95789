__thread volatile char huge[64] __attribute__((aligned(64))) = {6};

/* Compilers refuse such an alignment, so the section has it. */
__asm__(".section .tdata,\"awT\",@progbits\n\t.p2align 30\n\t.previous");

int of_huge(void);
int of_huge(void)
{
	return huge[0] + ((__UINTPTR_TYPE__)huge % 64 ? 100 : 0);
}

/* One thread-local array, initialised or not, and a function that changes and sums it up. */
#ifndef ALIGN
#define ALIGN 16
#endif
#ifdef ZERO
__thread unsigned char bytes[SIZE] __attribute__((aligned(ALIGN)));
#else
__thread unsigned char bytes[SIZE] __attribute__((aligned(ALIGN))) = {1, 2, [SIZE - 1] = 9};
#endif

unsigned long step(void);
unsigned long step(void)
{
	unsigned long i, sum = 0;

	for (i = 0; i < SIZE; i++)
		sum += bytes[i];
	bytes[SIZE / 2]++;
	return (unsigned long)bytes % ALIGN ? 0 : sum;
}

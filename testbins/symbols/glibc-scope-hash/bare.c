/* A library that defines nothing for others: its table has one bucket, which is empty, and no word
 * for the symbols that it refers to. */
#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void begin(void)
{
	printf("bare: %d\n", abs(-1));
}

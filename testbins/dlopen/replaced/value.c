#include <stdio.h>

int value(void)
{
	return VALUE;
}

__attribute__((destructor)) static void stop(void)
{
	printf("destructor of %d\n", VALUE);
}

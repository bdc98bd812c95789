#include <stdio.h>
#include <stdlib.h>

__attribute__((constructor)) static void start(void)
{
	puts("constructor of " NAME);
#ifdef EXIT
	exit(5);
#endif
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of " NAME);
}

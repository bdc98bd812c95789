/* The smallest program that anybody runs: what its start costs is the loader and libc. */
#include <stdio.h>

int main(void)
{
	puts("hello");
	return 0;
}

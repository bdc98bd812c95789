#include <stdio.h>

const char *name(void)
{
	return "base";
}

__attribute__((constructor)) static void start(void)
{
	puts("constructor of base");
}

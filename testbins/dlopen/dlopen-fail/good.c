#include <stdio.h>

const char *good_name(void)
{
	return "good";
}

__attribute__((constructor)) static void start(void)
{
	puts("constructor of good");
}

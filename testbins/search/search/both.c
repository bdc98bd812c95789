#include <stdio.h>

static int calls;

__attribute__((constructor)) static void start(void)
{
	puts("constructed");
}

int first(void)
{
	return ++calls;
}

int second(void)
{
	return ++calls;
}

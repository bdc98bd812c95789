#include <stdio.h>
#include <stdlib.h>

#define STRING(x) #x
#define TEXT(x)   STRING(x)

void NAME(void)
{
}

static void handler(void)
{
	puts("atexit of " TEXT(NAME));
}

__attribute__((constructor)) static void start(void)
{
	puts("constructor of " TEXT(NAME));
	atexit(handler);
	if (EXIT)
		exit(5);
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of " TEXT(NAME));
}

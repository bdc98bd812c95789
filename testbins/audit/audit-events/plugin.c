#include <stdio.h>

int first(int n);

static __thread int calls = 40;

__attribute__((constructor)) static void begin(void)
{
	puts("constructor of the plugin");
	fflush(stdout);
}

__attribute__((destructor)) static void end(void)
{
	puts("destructor of the plugin");
	fflush(stdout);
}

int plugin(int n)
{
	return first(n) + calls++;
}

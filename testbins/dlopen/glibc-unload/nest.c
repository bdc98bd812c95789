/* A library that opens another one in its constructor and closes it in its destructor. */
#include <dlfcn.h>
#include <stdio.h>

static void *inner;

__attribute__((constructor)) static void begin(void)
{
	inner = dlopen(INNER, RTLD_NOW);
	printf("  nest: opened %d\n", inner != NULL);
}

__attribute__((destructor)) static void end(void)
{
	printf("  nest: closed %d\n", dlclose(inner));
}

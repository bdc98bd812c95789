/* Preloaded: wraps a function of a library and one of libc, through RTLD_NEXT. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

const char *name(void)
{
	static char text[100];
	const char *(*next)(void) = (const char *(*)(void))dlsym(RTLD_NEXT, "name");

	snprintf(text, sizeof(text), WHO "(%s)", next());
	return text;
}

char *getenv(const char *what)
{
	static char text[100];
	char *(*next)(const char *) = (char *(*)(const char *))dlsym(RTLD_NEXT, "getenv");
	const char *value = next(what);

	snprintf(text, sizeof(text), WHO "(%s)", value ? value : "unset");
	return text;
}

__attribute__((constructor)) static void start(void)
{
	puts("constructor of " WHO);
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of " WHO);
}

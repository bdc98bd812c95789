#define _GNU_SOURCE
#include <dlfcn.h>

int weak_data __attribute__((weak)) = 6;

const char *who(void)
{
	return "first";
}

const char *call_next(void)
{
	const char *(*next)(void) = (const char *(*)(void))dlsym(RTLD_NEXT, "who");

	return next ? next() : "nobody";
}

/* The functions that a plugin calls, from FIRST on; each tells ID. */
#ifndef FIRST
#define FIRST 0
#endif
#ifndef KIND
#define KIND
#endif

#define DO(n)                                                                                      \
	KIND int function_##n(void)                                                                \
	{                                                                                          \
		return ID;                                                                         \
	}
#if FIRST == 0
#include "functions.h"
#else
#include "later.h"
#endif
#undef DO

#ifdef MAYBE
int maybe(void)
{
	return ID;
}
#endif

#ifdef TLS
__thread int number = ID;
#endif

#ifdef IFUNC
extern int choose;

static int one(void)
{
	return ID + 100;
}

static int two(void)
{
	return ID + 200;
}

static int (*resolve(void))(void)
{
	return choose == 1 ? one : two;
}

int chosen(void) __attribute__((ifunc("resolve")));
#endif

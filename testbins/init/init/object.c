/* NAME: a library's name; CALL: a function of a library that must be ready before. */
#include <stdio.h>
#include <stdlib.h>

#define STRING(x) #x
#define TEXT(x)   STRING(x)

#ifdef CALL
void CALL(void);
#endif
static int ready;

void NAME(void)
{
	printf("%s is %s\n", TEXT(NAME), ready ? "ready" : "NOT READY");
}

static void from_constructor(void)
{
	puts("atexit of " TEXT(NAME) "'s constructor");
}

__attribute__((constructor)) static void start(void)
{
	ready = 1;
	puts("constructor of " TEXT(NAME));
#ifdef CALL
	CALL();
#endif
	atexit(from_constructor);
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of " TEXT(NAME));
#ifdef CALL
	CALL();
#endif
}

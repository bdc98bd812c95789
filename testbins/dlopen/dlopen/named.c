#include <stdio.h>

#define STRING(x) #x
#define TEXT(x)   STRING(x)

static const char *state = "not constructed " TEXT(NAME);

const char *NAME(void)
{
	return state;
}

__attribute__((constructor)) static void start(void)
{
	puts("constructor of " TEXT(NAME));
	state = TEXT(NAME);
}

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of " TEXT(NAME));
}

#include "free.h"

#define STRING(x) #x
#define TEXT(x)   STRING(x)

void NAME(void)
{
}

__attribute__((constructor)) static void start(void)
{
	put("constructor of " TEXT(NAME) "\n");
}

__attribute__((destructor)) static void stop(void)
{
	put("destructor of " TEXT(NAME) "\n");
}

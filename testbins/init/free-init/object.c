/* A library whose name comes from -DNAME: constructors of all sorts that say so. */
#include "free.h"

#define STRING(x) #x
#define TEXT(x)   STRING(x)

void NAME(void)
{
	put("function of " TEXT(NAME) "\n");
}

/* The library's DT_INIT and DT_FINI, by -Wl,-init and -Wl,-fini. */
void old_init(void)
{
	put("DT_INIT of " TEXT(NAME) "\n");
}

void old_fini(void)
{
	put("DT_FINI of " TEXT(NAME) "\n");
}

__attribute__((constructor(101))) static void early(void)
{
	put("constructor 101 of " TEXT(NAME) "\n");
}

__attribute__((constructor)) static void late(int argc, char **argv, char **envp)
{
	put("constructor of " TEXT(NAME) "\n");
	if (argc != 2 || argv[1][0] != 'x' || argv[2] || envp != argv + 3)
		put("it did not get argc, argv and envp\n");
}

__attribute__((destructor)) static void stop(void)
{
	put("destructor of " TEXT(NAME) "\n");
}

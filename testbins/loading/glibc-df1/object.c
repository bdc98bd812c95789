/* A library with two constructors and two destructors; COMMON: one of several that define common().
 */
#include <stdio.h>

#define TEXT2(x)    #x
#define TEXT(x)     TEXT2(x)
#define JOIN2(a, b) a##b
#define JOIN(a, b)  JOIN2(a, b)

#ifdef COMMON
const char *common(void);
const char *common(void)
{
	return TEXT(NAME);
}
#endif

int JOIN(NAME, _value)(void);
int JOIN(NAME, _value)(void)
{
	return 1;
}

__attribute__((constructor(101))) static void earlier(int argc, char **argv, char **envp)
{
	printf(TEXT(NAME) ": earlier, %d arguments, last %s, environment %d\n", argc,
		argc ? argv[argc - 1] : "", envp != NULL);
}

__attribute__((constructor)) static void begin(void)
{
	puts(TEXT(NAME) ": constructor");
}

__attribute__((destructor)) static void end(void)
{
	puts(TEXT(NAME) ": destructor");
}

__attribute__((destructor(101))) static void later(void)
{
	puts(TEXT(NAME) ": last");
}

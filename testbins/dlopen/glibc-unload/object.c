/* A library that tells of its constructor, its destructor and its atexit function. */
#include <stdio.h>
#include <stdlib.h>

#define TEXT2(x)       #x
#define TEXT(x)        TEXT2(x)
#define JOIN2(a, b)    a##b
#define JOIN(a, b)     JOIN2(a, b)
#define FUNCTION(name) JOIN(name, _name)

const char *FUNCTION(NAME)(void);
static int value = 1;

#ifdef ATEXIT
static void at_exit(void)
{
	printf("  " TEXT(NAME) ": atexit, value %d\n", value);
}
#endif

__attribute__((constructor)) static void begin(void)
{
	printf("  " TEXT(NAME) ": constructor, value %d\n", value++);
#ifdef ATEXIT
	atexit(at_exit);
#endif
}

__attribute__((destructor)) static void end(void)
{
	printf("  " TEXT(NAME) ": destructor, value %d\n", value);
}

#ifdef CALLS
const char *FUNCTION(CALLS)(void);
#endif

const char *FUNCTION(NAME)(void)
{
	value++;
#ifdef CALLS
	printf("  " TEXT(NAME) " calls %s\n", FUNCTION(CALLS)());
#endif
	return TEXT(NAME);
}

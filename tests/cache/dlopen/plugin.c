/* A plugin that calls many functions, half of them through the PLT and half through a table, and
 * says who answered. */
#include <stdio.h>

#define DO(n) extern int function_##n(void);
#include "functions.h"
#undef DO

#define DO(n) function_##n,
static int (*const volatile table[])(void) = {
#include "functions.h"
};
#undef DO

extern int maybe(void) __attribute__((weak));
#ifdef TLS
extern __thread int number;
static __thread int own = 5;
#endif
#ifdef IFUNC
extern int chosen(void);
static int (*const pointer)(void) = chosen;
#endif

static const char *who;
static int from, last, at;

static void say(int answer)
{
	if (at && answer != last) {
		printf(" %d-%d:%d", from, at - 1, last);
		from = at;
	}
	last = answer;
	at++;
}

void report(const char *name)
{
	who = name;
	from = at = 0;
	printf("%s:", who);
#define DO(n) say(n & 1 ? function_##n() : table[n]());
#include "functions.h"
#undef DO
	printf(" %d-%d:%d", from, at - 1, last);
	printf(" maybe:%d", maybe ? maybe() : 0);
#ifdef TLS
	printf(" tls:%d", number++ * 10 + own++);
#endif
#ifdef IFUNC
	printf(" ifunc:%d,%d", chosen(), pointer());
#endif
	printf("\n");
}

/* The libraries of the program, one for each name that is defined. */
#include <stdio.h> /* for __GLIBC__ */

#ifndef TAG
#define TAG "first"
#endif

#ifdef VER
/* Two versions of a function; who was linked with the older library means the older one. */
const char *old_version(void)
{
	return "version 1";
}
__asm__(".symver old_version, versioned@V1");
#ifndef OLDER
const char *new_version(void)
{
	return "version 2";
}
__asm__(".symver new_version, versioned@@V2");
#endif
#endif

#ifdef USES_OLD
const char *versioned(void);
const char *of_old(void)
{
	return versioned();
}
const char *(*const table_of_old[])(void) = {versioned, of_old};
#endif

#ifdef WEAK
/* A weak definition before a strong one, and a weak reference to what may be nowhere. */
__attribute__((weak)) const char *pick(void)
{
	return "weak";
}
__attribute__((weak)) const char *perhaps(void);
const char *of_weak(void)
{
	return perhaps ? perhaps() : "nobody";
}
const char *(*volatile pointer_to_perhaps)(void) = perhaps;
const char *tag_of_weak(void)
{
	return TAG;
}
#endif

#ifdef STRONG
const char *pick(void)
{
	return "strong";
}
extern int shared[4];
__attribute__((visibility("protected"))) int own = 7;
int *addresses[] = {&shared[0], &shared[3], &own, NULL};
int of_strong(void)
{
	return *addresses[1] + *addresses[2];
}
const char *interposed(void)
{
	return "strong's " TAG;
}
const char *ask_interposed(void)
{
	return interposed();
}
#endif

#ifdef DATA
/* For COPY into the program; a bss that shares its first page with data, and one that does not. */
int shared[4] = {1, 2, 3, 4};
char *strings[] = {"one", "two", TAG};
static char small[100], large[100000];
static char *ends[] = {&small[99], &large[99999]};
int zeros(void)
{
	for (size_t i = 0; i < sizeof small; i++)
		if (small[i])
			return 0;
	for (size_t i = 0; i < sizeof large; i++)
		if (large[i])
			return 0;
	return ends[0] == small + 99;
}
const char *interposed(void)
{
	return "data's " TAG;
}
#endif

#ifdef TLS
__thread int tls_big[100] = {5};
static __thread int tls_local = 6;
__attribute__((tls_model("initial-exec"))) extern __thread int tls_fast;
__thread int tls_fast = 7;
int of_tls(void)
{
	return tls_big[0] * 100 + tls_local * 10 + tls_fast;
}
#endif

#ifdef USES_TLS
extern __thread int tls_big[100];
int of_descriptor(void)
{
	return tls_big[0];
}
#endif

#ifdef IFUNC
static const char *chosen(void)
{
	return "chosen";
}
static void *resolve(void)
{
	return (void *)chosen;
}
#ifdef __GLIBC__
const char *indirect(void) __attribute__((ifunc("resolve")));
static const char *inner(void) __attribute__((ifunc("resolve")));
#else /* musl has no such thing */
const char *indirect(void)
{
	return ((const char *(*)(void))resolve())();
}
#define inner chosen
#endif
const char *(*pointer_to_indirect)(void) = indirect;
const char *of_ifunc(void)
{
	return inner();
}
#endif

#ifdef UNIQUE
__asm__(".data\n.globl only_one\n.type only_one, @gnu_unique_object\n.size only_one, 4\n"
	"only_one: .long " UNIQUE "\n.text\n");
extern int only_one;
int FUNCTION(void)
{
	return only_one;
}
#endif

#ifdef SUB
const char *of_sub(void)
{
	return "sub " TAG;
}
#endif

#ifdef USES_SUB
const char *of_sub(void);
const char *through(void)
{
	return of_sub();
}
#endif

#ifdef INTERPOSER
const char *interposed(void)
{
	return "the interposer's";
}
const char *perhaps(void)
{
	return "the interposer";
}
#endif

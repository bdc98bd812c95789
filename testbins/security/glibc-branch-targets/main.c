/* Calls functions through pointers: of a library that is marked and has no landing pads this ends
 * with SIGILL, if the library's pages are guarded. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>

static sigjmp_buf back;

static void illegal(int number)
{
	siglongjmp(back, number);
}

static void enter(const char *library)
{
	void *handle = dlopen(library, RTLD_NOW);
	int (*volatile f)(void) = (int (*)(void))dlsym(handle, "number");

	if (sigsetjmp(back, 1))
		printf("%s: refused\n", library);
	else
		printf("%s: %d\n", library, f());
}

int main(void)
{
	signal(SIGILL, illegal);
	enter("libmarked.so");
	enter("libplain.so");
	enter("libopened.so");
	enter("libpads.so");
	return 0;
}

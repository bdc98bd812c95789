/* Which version of a function is found how. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

const char *function(void);
const char *function_first(void);
__asm__(".symver function_first, function@FIRST_1.0");
const char *function_second(void);
__asm__(".symver function_second, function@SECOND_2.0");
const char *middle(void);
int added_third(void);

static void ask(const char *how, void *symbol)
{
	printf("%s: %s\n", how, symbol ? ((const char *(*)(void))symbol)() : "not found");
}

int main(void)
{
	void *handle = dlopen("libversioned.so", RTLD_NOW);
	void *copy, *old_copy;

	printf("default: %s\n", function());
	printf("first: %s, second: %s\n", function_first(), function_second());
	printf("middle: %s, third: %d\n", middle(), added_third());
	ask("dlsym", dlsym(handle, "function"));
	ask("dlsym default", dlsym(RTLD_DEFAULT, "function"));
	ask("dlvsym 1", dlvsym(handle, "function", "FIRST_1.0"));
	ask("dlvsym 2", dlvsym(RTLD_DEFAULT, "function", "SECOND_2.0"));
	ask("dlvsym 3", dlvsym(handle, "function", "THIRD_3.0"));
	ask("dlvsym 4", dlvsym(handle, "function", "FOURTH_4.0"));
	ask("dlvsym next", dlvsym(RTLD_NEXT, "function", "FIRST_1.0"));
	printf("only in first: %d\n", dlvsym(handle, "only_first", "SECOND_2.0") != NULL);
	/* libc's own: the newest by dlsym, an old one by dlvsym */
	copy = dlsym(RTLD_DEFAULT, "memcpy");
	old_copy = dlvsym(RTLD_DEFAULT, "memcpy", "GLIBC_2.2.5");
	printf("memcpy: %d, as linked %d, old one another %d\n", copy != NULL,
		copy == (void *)memcpy, old_copy && old_copy != copy);
	return 0;
}

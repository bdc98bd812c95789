/* dlsym with each kind of handle; dlerror's rules. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

#include "check_maps.h"

const char *who(void), *call_next(void);
extern int weak_data;

const char *who(void)
{
	return "program";
}

static void show(const char *where, void *symbol)
{
	const char *(*f)(void) = (const char *(*)(void))symbol;

	printf("%s: %s, dlerror %d\n", where, f ? f() : "not found", dlerror() != NULL);
}

/* Pages of address space that the process has. */
static long pages(void)
{
	FILE *f = fopen("/proc/self/statm", "r");
	long n = 0;

	if (f && fscanf(f, "%ld", &n) != 1)
		n = 0;
	if (f)
		fclose(f);
	return n;
}

/* Symbols that are not there cost nothing that stays. */
static void miss_often(void)
{
	long before = pages();
	int i, found = 0;

	for (i = 0; i < 100000; i++)
		found += dlsym(RTLD_DEFAULT, "no_such_symbol") != NULL;
	printf("found after many misses: %d, more than 1 MiB gone: %d\n", found,
		pages() - before > 256);
	dlerror();
}

int main(void)
{
	void *first = dlopen("libfirst.so", RTLD_NOW), *self = dlopen(NULL, RTLD_NOW);
	int (*printed)(const char *, ...) =
		(int (*)(const char *, ...))dlsym(RTLD_DEFAULT, "printf");

	check_maps("at main");
	show("RTLD_DEFAULT", dlsym(RTLD_DEFAULT, "who"));
	show("RTLD_NEXT of the program", dlsym(RTLD_NEXT, "who"));
	show("RTLD_NEXT of the first library", (void *)call_next);
	show("first library", dlsym(first, "who"));
	show("the program", dlsym(self, "who"));
	show("not there", dlsym(RTLD_DEFAULT, "no_such_symbol"));
	show("RTLD_NEXT, not there", dlsym(RTLD_NEXT, "main_has_no_next"));
	show("only in the second", dlsym(first, "second_only"));
	printf("printf: %d\n", printed == printf);
	printf("libc by handle: %d\n", dlsym(self, "strlen") == (void *)strlen);
	printf("data: %d\n", *(int *)dlsym(first, "weak_data"));
	printf("same data: %d\n", dlsym(first, "weak_data") == &weak_data);
	printf("dlopen is one: %d\n", dlsym(RTLD_DEFAULT, "dlopen") == (void *)dlopen);
	dlsym(RTLD_DEFAULT, "no_such_symbol");
	printf("dlerror: %d\n", dlerror() != NULL);
	printf("dlerror again: %d\n", dlerror() != NULL);
	printf("dlerror names the symbol: %d\n",
		!dlsym(self, "no_such_symbol") && strstr(dlerror(), "no_such_symbol") != NULL);
	miss_often();
	return 0;
}

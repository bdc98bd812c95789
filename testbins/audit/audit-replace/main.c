#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int bound(void);
int called(void);
int which(void);

static const char *reason(const char *error)
{
	return strstr(error, "cannot open") ? "cannot open" : error;
}

static void open_one(const char *name)
{
	void *handle = dlopen(name, RTLD_NOW);
	int (*f)(void) = handle ? (int (*)(void))dlsym(handle, "which") : NULL;

	printf("%s: %s %d\n", name, handle ? "opened" : reason(dlerror()), f ? f() : 0);
	if (handle)
		printf("again: %d\n", dlopen(name, RTLD_NOW | RTLD_NOLOAD) == handle);
}

int main(void)
{
	setbuf(stdout, NULL);
	printf("which %d\n", which());
	printf("bound %d\n", bound());
	printf("bound %d\n", bound());
	printf("called %d\n", called());
	printf("called %d\n", called());
	printf("found %d\n", ((int (*)(void))dlsym(RTLD_DEFAULT, "found"))());
	printf("local %d\n", *(int *)dlsym(RTLD_DEFAULT, "local"));
	open_one("libasked.so");
	open_one("libpath.so");
	open_one("libhidden.so");
	open_one("libskipped.so");
	return 0;
}

/* Opens more libraries with TLS than a dtv has room for, and one of them again and again. */
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#define COUNT 20

extern __thread unsigned counted, cleared;

static void *open_module(int i)
{
	char name[32];
	void *handle;

	snprintf(name, sizeof name, "libmodule%d.so", i);
	handle = dlopen(name, RTLD_NOW);
	if (!handle) {
		puts(dlerror());
		exit(1);
	}
	return handle;
}

static int number_of(void *handle)
{
	int *(*module)(void) = (int *(*)(void))dlsym(handle, "module");

	return (*module())++;
}

int main(void)
{
	void *handles[COUNT];
	unsigned before = cleared;
	int sum = 0;

	handles[0] = open_module(0);
	printf("dlopen calls calloc: %d\n", cleared > before);
	for (int i = 1; i < COUNT; i++) {
		handles[i] = open_module(i);
		dlclose(handles[0]);
		handles[0] = open_module(0);
		sum += number_of(handles[0]);
		if (i % 3 == 0)
			sum += number_of(handles[i]) + number_of(handles[i / 2]);
	}
	printf("sum %d, counted %d\n", sum, counted > 0);
	return 0;
}

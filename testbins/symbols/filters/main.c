#include <dlfcn.h>
#include <stdio.h>

int value(void);
int other(void);

static int by_handle(void *handle, const char *name)
{
	int (*f)(void) = (int (*)(void))dlsym(handle, name);

	return f ? f() : -1;
}

int main(int argc, char **argv)
{
	void *handle;

	printf("%d %d\n", value(), other());
	if (argc < 2)
		return 2;
	handle = dlopen(argv[1], RTLD_NOW);
	if (handle)
		printf("%d %d\n", by_handle(handle, "value"), by_handle(handle, "other"));
	else
		printf("not opened\n");
	return handle ? dlclose(handle) : 0;
}

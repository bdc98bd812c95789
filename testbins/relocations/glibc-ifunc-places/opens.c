#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv)
{
	void *a = argc > 2 ? dlopen(argv[1], RTLD_NOW) : 0, *b = a ? dlopen(argv[2], RTLD_NOW) : 0;

	if (!b)
		return 2;
	printf("%d\n", ((int (*)(const char *))dlsym(b, "text"))("hello"));
	return ((int (*)(void))dlsym(a, "places"))();
}

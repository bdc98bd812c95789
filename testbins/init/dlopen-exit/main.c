#include <dlfcn.h>
#include <stdio.h>

__attribute__((destructor)) static void stop(void)
{
	puts("destructor of the program");
}

int main(void)
{
	if (!dlopen("./libexit.so", RTLD_NOW))
		puts("not opened");
	return 0;
}

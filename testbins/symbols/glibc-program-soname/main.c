#include <dlfcn.h>
#include <stdio.h>

int provided(void);
int use(void);

int provided(void)
{
	return 2;
}

int main(void)
{
	printf("%d\n", use());
	printf("by name: %d\n", dlopen("libprovided.so.1", RTLD_NOW) == dlopen(0, RTLD_NOW));
	return 0;
}

/* Leaks in a library and in one that is opened, a write behind a block, a
 * jump on an uninitialised value. */
#include <dlfcn.h>
#include <stdio.h>

char *allocate(int size);
void write_at(char *block, int at);

int main(void)
{
	void *handle = dlopen("./libopened.so", RTLD_NOW);
	char *(*allocate_there)(int) = (char *(*)(int))dlsym(handle, "allocate_there");
	volatile int uninitialised;
	char *block = allocate(10);

	write_at(block, 10);
	allocate_there(33);
	dlclose(handle); /* what the loader has allocated for it is freed */
	block = NULL;
	if (uninitialised)
		puts("in either case");
	else
		puts("in either case");
	return 0;
}

/* A chain of calls into a library and back, for a debugger to stop in. */
#include <dlfcn.h>
#include <stdio.h>

int library_step(int (*callback)(int), int);

static int callback(int x)
{
	return x + 1;
}

int main(void)
{
	int (*later_step)(int);
	void *later = dlopen("liblater.so", RTLD_NOW);

	printf("%d\n", library_step(callback, 3));
	later_step = later ? (int (*)(int))dlsym(later, "later_step") : NULL;
	printf("%d\n", later_step ? later_step(5) : -1);
	return 0;
}

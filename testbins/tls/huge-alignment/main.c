#include <dlfcn.h>
#include <stdio.h>
#include <sys/resource.h>

int main(void)
{
	void *h = dlopen("./libhuge.so", RTLD_NOW);
	int (*f)(void) = h ? (int (*)(void))dlsym(h, "of_huge") : NULL;
	struct rusage usage;

	printf("%d\n", f ? f() : -1);
	getrusage(RUSAGE_SELF, &usage);
	printf("memory: %s\n", usage.ru_maxrss < 200 * 1024 ? "little" : "much"); /* KiB */
	return 0;
}

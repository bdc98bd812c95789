/* How long one dlopen takes in a program that has just started: prints microseconds.
 *
 *	reopen LIBRARY
 */
#include <dlfcn.h>
#include <stdio.h>
#include <time.h>

static double now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

int main(int argc, char **argv)
{
	double start;

	/* What the first one costs, ld.so.cache say, is not the library's. */
	dlopen("libutil.so.1", RTLD_NOW);
	start = now();
	if (argc != 2 || !dlopen(argv[1], RTLD_NOW)) {
		fprintf(stderr, "%s\n", dlerror());
		return 1;
	}
	printf("%.1f\n", now() - start);
	return 0;
}

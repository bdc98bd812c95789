/* old.c: what a program of an old glibc sees: arguments, environment, a thread with TLS, dlopen. */
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

static __thread int sum = 5;

static void *add(void *n)
{
	sum += *(int *)n;
	return (void *)(long)sum;
}

int main(int argc, char **argv)
{
	const char *kept = getenv("KEPT");
	double (*power)(double, double);
	pthread_t thread;
	void *result, *math;

	printf("glibc %s, KEPT=%s\n", gnu_get_libc_version(), kept ? kept : "");
	for (int i = 1; i < argc; i++)
		printf("argv[%d]: %s\n", i, argv[i]);
	if (pthread_create(&thread, NULL, add, &argc) || pthread_join(thread, &result))
		return 100;
	printf("thread: %ld, here: %d\n", (long)result, sum);
	math = dlopen("libm.so.6", RTLD_NOW);
	power = math ? (double (*)(double, double))dlsym(math, "pow") : NULL;
	printf("pow: %g\n", power ? power(2, 10) : -1.);
	return argc;
}

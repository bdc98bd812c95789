/* A program to watch: threads that use a library and its thread-local variable, then a library that is opened. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <time.h>
#include <unistd.h>

int work(int n);

static void *in_thread(void *n)
{
	return (void *)(long)work((int)(long)n);
}

static long sum_of_threads(void)
{
	long sum = 0;

	for (long i = 0; i < 3; i++) {
		pthread_t thread;
		void *result = NULL;

		if (!pthread_create(&thread, NULL, in_thread, (void *)i))
			pthread_join(thread, &result);
		sum += (long)result;
	}
	return sum;
}

static int close_library(void *library)
{
	return library ? dlclose(library) : 1;
}

int main(int argc, char **argv)
{
	void *library;
	time_t now = time(NULL);
	(void)argv;

	printf("sum %ld\n", sum_of_threads());
	printf("year %d\n", gmtime(&now)->tm_year + 1900);
	library = dlopen("libz.so.1", RTLD_NOW);
	printf("%s\n", library ? "libz is open" : dlerror());
	fflush(stdout);
	if (argc > 1)
		pause();
	return close_library(library);
}

/* Threads that open libraries, the same and different ones, look up symbols and walk the list of
 * objects, all at once; with an argument so many forks in the middle, whose children open one more.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_maps.h"

#define THREADS 8

static pthread_barrier_t start;

static int count(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	*(int *)data += info->dlpi_phnum > 0;
	return 0;
}

static void *thread(void *argument)
{
	long number = (long)argument, wrong = 0;
	char name[32];
	void *handle;
	int (*f)(void), i, objects = 0;

	pthread_barrier_wait(&start);
	for (i = 0; i < 50; i++) {
		snprintf(name, sizeof(name), "lib%ld.so", (number + i) % 4);
		handle = dlopen(name, i % 2 ? RTLD_NOW : RTLD_LAZY);
		f = handle ? (int (*)(void))dlsym(handle, "number") : NULL;
		wrong += !f || f() != (number + i) % 4;
		dl_iterate_phdr(count, &objects);
		wrong += objects == 0;
		wrong += dlsym(handle, "no_such_symbol") != NULL || !dlerror();
		if (handle)
			wrong += dlclose(handle) != 0;
	}
	return (void *)wrong;
}

static void in_child(void)
{
	void *handle = dlopen("lib4.so", RTLD_NOW);
	int (*f)(void) = handle ? (int (*)(void))dlsym(handle, "number") : NULL;

	check_maps("in the child");
	_exit(f && f() == 4 ? 0 : 1);
}

int main(int argc, char **argv)
{
	int forks = argc > 1 ? atoi(argv[1]) : 0;
	pthread_t ids[THREADS];
	long i, wrong = 0;
	int round, status, bad_children = 0;
	void *result;

	pthread_barrier_init(&start, NULL, THREADS + 1);
	for (i = 0; i < THREADS; i++)
		pthread_create(&ids[i], NULL, thread, (void *)i);
	pthread_barrier_wait(&start);
	for (round = 0; round < forks; round++) {
		if (fork() == 0)
			in_child();
		wait(&status);
		bad_children += status != 0;
	}
	for (i = 0; i < THREADS; i++) {
		pthread_join(ids[i], &result);
		wrong += (long)result;
	}
	printf("wrong %ld, bad children %d\n", wrong, bad_children);
	check_maps("at the end");
	return 0;
}

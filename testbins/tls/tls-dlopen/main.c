/* Libraries with thread-local storage that are opened while threads run: old and new threads each
 * get their own, with the initial values, and it is given back when they end. */
#include <dlfcn.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_maps.h"

static int (*bump)(void);
static char *(*buffer)(void);
static sem_t opened, ready;

static void *older(void *unused)
{
	(void)unused;
	sem_post(&ready);
	sem_wait(&opened);
	return (void *)(long)(bump() * 100 + bump());
}

static void *newer(void *unused)
{
	(void)unused;
	return (void *)(long)(bump() * 100 + bump());
}

static void *toucher(void *unused)
{
	char *p = buffer();

	(void)unused;
	p[0]++;
	memset(p, 5, 1024 * 1024);
	return (void *)(long)((uintptr_t)p % 1024);
}

/* The bytes of all mappings, in KiB. */
static long mapped_kib(void)
{
	char line[512];
	unsigned long start, end, sum = 0;
	FILE *maps = fopen("/proc/self/maps", "r");

	while (maps && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx", &start, &end) == 2 && !strstr(line, "[vsyscall]"))
			sum += end - start;
	if (maps)
		fclose(maps);
	return (long)(sum / 1024);
}

static void *run(void *(*function)(void *))
{
	pthread_t id;
	void *result;

	if (pthread_create(&id, NULL, function, NULL))
		return (void *)-1L;
	pthread_join(id, &result);
	return result;
}

int main(void)
{
	pthread_t id;
	void *handle, *result;
	long before, i;

	sem_init(&opened, 0, 0);
	sem_init(&ready, 0, 0);
	pthread_create(&id, NULL, older, NULL);
	sem_wait(&ready);
	handle = dlopen("libdynamic.so", RTLD_NOW);
	if (!handle) {
		puts(dlerror());
		return 1;
	}
	check_maps("after dlopen");
	bump = (int (*)(void))dlsym(handle, "bump");
	buffer = (char *(*)(void))dlsym(handle, "buffer");
	printf("main: %d %d\n", bump(), bump());
	sem_post(&opened);
	pthread_join(id, &result);
	printf("older thread: %ld\n", (long)result);
	printf("newer thread: %ld\n", (long)run(newer));
	printf("dlsym of a thread-local variable: %d\n", *(int *)dlsym(handle, "counter"));
	printf("alignment of 1024: %ld\n", (long)run(toucher));
	before = mapped_kib();
	for (i = 0; i < 100; i++)
		run(toucher);
	printf("100 threads leave less than 20 MiB: %d\n", mapped_kib() - before < 20 * 1024);
	printf("main again: %d\n", bump());
	check_maps("at the end");
	return 0;
}

/* Forty copies of three libraries, opened and closed while threads come and go and use them. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check_maps.h"

#define MODULES 40
#define THREADS 6

typedef unsigned long step_function(void);
static void *handles[MODULES];
static step_function *steps[MODULES];
static unsigned long sums[THREADS + 1];
static pthread_barrier_t turn;
static const char *const files[] = {"libslot.so", "liblarge.so", "libempty.so"};

/* A copy of its own for each module: another file is another library. */
static void open_module(int i)
{
	char buffer[65536], name[40];
	FILE *from, *to;
	size_t n;

	snprintf(name, sizeof(name), "./copy-%d-%d.so", (int)getpid(), i);
	from = fopen(files[i % 3], "r");
	to = fopen(name, "w");
	while ((n = fread(buffer, 1, sizeof(buffer), from)) > 0)
		fwrite(buffer, 1, n, to);
	fclose(from);
	fclose(to);
	handles[i] = dlopen(name, i % 2 ? RTLD_NOW : RTLD_LAZY);
	steps[i] = handles[i] ? (step_function *)dlsym(handles[i], "step") : NULL;
	if (!steps[i])
		printf("%s\n", dlerror());
	unlink(name);
}

static unsigned long use_all(void)
{
	unsigned long sum = 0;
	int i;

	for (i = 0; i < MODULES; i++)
		if (steps[i])
			sum = sum * 31 + steps[i]();
	return sum;
}

static void *thread(void *argument)
{
	long n = (long)argument, round;

	for (round = 0; round < 4; round++) {
		pthread_barrier_wait(&turn); /* main has changed the set */
		sums[n] = use_all();
		if (n % 2)
			sums[n] += use_all();
		pthread_barrier_wait(&turn);
	}
	return NULL;
}

static void *young(void *argument)
{
	*(unsigned long *)argument = use_all();
	return NULL;
}

static void change(int round)
{
	int i;

	for (i = 0; i < MODULES; i++) {
		if (round && i % 4 == round) {
			dlclose(handles[i]);
			handles[i] = NULL;
			steps[i] = NULL;
		}
	}
	for (i = 0; i < MODULES; i++)
		if (!handles[i] && (round != 2 || i % 8 == 1))
			open_module(i);
}

static unsigned long from_young_thread(void)
{
	unsigned long sum;
	pthread_t id;

	pthread_create(&id, NULL, young, &sum);
	pthread_join(id, NULL);
	return sum;
}

static size_t module_id(int i)
{
	size_t id = 0;

	dlinfo(handles[i], RTLD_DI_TLS_MODID, &id);
	return id;
}

/* glibc's own loader left slots unused before 2.34. */
static size_t most_slots(void)
{
	return strcmp(gnu_get_libc_version(), "2.34") < 0 ? 1000 : MODULES + 2;
}

int main(void)
{
	pthread_t ids[THREADS];
	long n, round;

	pthread_barrier_init(&turn, NULL, THREADS + 1);
	for (n = 0; n < THREADS; n++)
		pthread_create(&ids[n], NULL, thread, (void *)n);
	for (round = 0; round < 4; round++) {
		change((int)round);
		check_maps("changed");
		pthread_barrier_wait(&turn);
		pthread_barrier_wait(&turn);
		for (n = 0; n < THREADS; n++)
			printf("%lu ", sums[n]);
		printf("main %lu young %lu\n", use_all(), from_young_thread());
	}
	for (n = 0; n < THREADS; n++)
		pthread_join(ids[n], NULL);
	for (n = 0, round = 0; n < MODULES; n++)
		round += handles[n] && module_id((int)n) > 0 && module_id((int)n) <= most_slots();
	printf("module ids within bounds: %ld\n", round);
	return 0;
}

/* Which stacks can be executed before and after. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

static pthread_barrier_t turn;

static int executable(const void *address)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	unsigned long start, end;
	char flags[8], line[1000];
	int found = -1;

	while (found < 0 && fgets(line, sizeof(line), maps))
		if (sscanf(line, "%lx-%lx %7s", &start, &end, flags) == 3 &&
			(uintptr_t)address >= start && (uintptr_t)address < end)
			found = strchr(flags, 'x') != NULL;
	fclose(maps);
	return found;
}

static void *old(void *unused)
{
	int here;

	printf("thread before: %d\n", executable(&here));
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	printf("thread after: %d\n", executable(&here));
	return unused;
}

static void *young(void *unused)
{
	int here;

	printf("new thread: %d\n", executable(&here));
	return unused;
}

int main(void)
{
	int (*nested)(int);
	pthread_t id;
	void *handle;
	int here;

	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_barrier_init(&turn, NULL, 2);
	printf("main before: %d\n", executable(&here));
	pthread_create(&id, NULL, old, NULL);
	pthread_barrier_wait(&turn);
	handle = dlopen("./libtrampoline.so", RTLD_NOW);
	printf("library: %s\n", handle ? "opened" : "refused");
	nested = handle ? (int (*)(int))dlsym(handle, "nested") : NULL;
	printf("main after: %d\n", executable(&here));
	pthread_barrier_wait(&turn);
	pthread_join(id, NULL);
	pthread_create(&id, NULL, young, NULL);
	pthread_join(id, NULL);
	if (nested && executable(&here) == 1)
		printf("nested: %d\n", nested(40));
	return 0;
}

/* Many threads, each with its own copy of everything, and again after they are gone. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_maps.h"

#define THREADS 40
#define ROUNDS  5

static __thread int local = 3;
extern __thread int library_int;
extern __thread char library_text[300];
int library_bump(void);

static void *thread(void *argument)
{
	long number = (long)argument;
	int i, wrong = 0;

	wrong += local != 3 || library_int != 9 || strcmp(library_text, "text");
	for (i = 0; i < 50; i++) {
		local += (int)number;
		library_int += (int)number;
		snprintf(library_text, sizeof(library_text), "%ld", number);
		wrong += library_bump() != i + 1;
		wrong += atoi(library_text) != number;
	}
	wrong += local != 3 + 50 * number || library_int != 9 + 50 * number;
	return (void *)(long)wrong;
}

int main(void)
{
	pthread_t ids[THREADS];
	long i, round, wrong = 0, started = 0;
	void *result;

	check_maps("at main");
	for (round = 0; round < ROUNDS; round++) {
		for (i = 0; i < THREADS; i++)
			started += !pthread_create(&ids[i], NULL, thread, (void *)i);
		for (i = 0; i < THREADS; i++) {
			pthread_join(ids[i], &result);
			wrong += (long)result;
		}
	}
	printf("%ld threads, %ld wrong\n", started, wrong);
	check_maps("after threads");
	return 0;
}

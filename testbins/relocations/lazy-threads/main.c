/* Each thread calls every function, in the same order, so that all meet in the same slot. */
#include <pthread.h>
#include <stdio.h>

#include "functions.h"

#define THREADS 16

#define ONE(name) long name(long, long, long, long, long, long, double);
HUNDRED
#undef ONE

static pthread_barrier_t barrier;

static void *thread(void *argument)
{
	long n = (long)argument, wrong = 0;

#define ONE(name)                                                                          \
	pthread_barrier_wait(&barrier);                                                    \
	wrong += name(n, 2, 3, 4, 5, 6, 7.0) != n + 4 + 9 + 16 + 25 + 36 + 7;
	HUNDRED
	return (void *)wrong;
}

int main(void)
{
	pthread_t ids[THREADS];
	long i, wrong = 0;
	void *result;

	pthread_barrier_init(&barrier, NULL, THREADS);
	for (i = 0; i < THREADS; i++)
		pthread_create(&ids[i], NULL, thread, (void *)i);
	for (i = 0; i < THREADS; i++) {
		pthread_join(ids[i], &result);
		wrong += (long)result;
	}
	printf("wrong: %ld\n", wrong);
	return 0;
}

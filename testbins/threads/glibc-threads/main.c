/* What libpthread keeps in the structures that the loader has set up. */
#define _GNU_SOURCE
#include <errno.h>
#include <limits.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int static_sum(void);
static __thread int own = 40;
static pthread_key_t key;
static pthread_mutex_t robust;
static int destroyed;

static void destroy(void *value)
{
	__atomic_add_fetch(&destroyed, (int)(intptr_t)value, __ATOMIC_RELAXED);
}

static void *ordinary(void *argument)
{
	pthread_setspecific(key, (void *)1);
	own += (int)(intptr_t)argument;
	errno = own;
	return (void *)(intptr_t)(errno + static_sum());
}

static void cleanup(void *what)
{
	printf("cleanup: %s\n", (const char *)what);
}

static void *cancelled(void *ready)
{
	pthread_cleanup_push(cleanup, "cancelled");
	pthread_barrier_wait(ready);
	for (;;)
		pause();
	pthread_cleanup_pop(0);
	return NULL;
}

static void *leaves(void *unused)
{
	(void)unused;
	pthread_cleanup_push(cleanup, "pthread_exit");
	pthread_exit((void *)77);
	pthread_cleanup_pop(0);
	return NULL;
}

static void *dies_with_mutex(void *unused)
{
	(void)unused;
	pthread_mutex_lock(&robust);
	return NULL;
}

static void *detached(void *flag)
{
	__atomic_store_n((int *)flag, static_sum(), __ATOMIC_RELEASE);
	return NULL;
}

static void start_and_end(void)
{
	pthread_t ids[50];
	long sum = 0, i;
	void *result;

	pthread_key_create(&key, destroy);
	for (i = 0; i < 50; i++)
		pthread_create(&ids[i], NULL, ordinary, (void *)i);
	for (i = 0; i < 50; i++) {
		pthread_join(ids[i], &result);
		sum += (long)result;
	}
	printf("50 threads: %ld, %d destroyed, own %d\n", sum, destroyed, own);
}

static void ways_to_end(void)
{
	pthread_barrier_t ready;
	pthread_attr_t attr;
	pthread_t id;
	int flag = 0, r;
	void *result;

	pthread_barrier_init(&ready, NULL, 2);
	pthread_create(&id, NULL, cancelled, &ready);
	pthread_barrier_wait(&ready);
	r = pthread_cancel(id);
	pthread_join(id, &result);
	printf("cancel: %d, cancelled: %d\n", r, result == PTHREAD_CANCELED);
	pthread_create(&id, NULL, leaves, NULL);
	pthread_join(id, &result);
	printf("left with %ld\n", (long)result);
	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_create(&id, &attr, detached, &flag);
	while (!__atomic_load_n(&flag, __ATOMIC_ACQUIRE))
		sched_yield();
	printf("detached: %d\n", flag);
}

static void robust_mutex(void)
{
	pthread_mutexattr_t attr;
	pthread_t id;

	pthread_mutexattr_init(&attr);
	pthread_mutexattr_setrobust(&attr, PTHREAD_MUTEX_ROBUST);
	pthread_mutex_init(&robust, &attr);
	pthread_create(&id, NULL, dies_with_mutex, NULL);
	pthread_join(id, NULL);
	printf("owner died: %d\n", pthread_mutex_lock(&robust) == EOWNERDEAD);
	printf("consistent: %d\n", pthread_mutex_consistent(&robust));
	printf("unlock: %d\n", pthread_mutex_unlock(&robust));
}

static void *where(void *unused)
{
	pthread_attr_t attr;
	char *stack, here;
	size_t size;

	(void)unused;
	pthread_getattr_np(pthread_self(), &attr);
	pthread_attr_getstack(&attr, (void **)&stack, &size);
	printf("on its stack: %d\n", &here >= stack && &here < stack + size);
	return NULL;
}

static void stacks(void)
{
	void *mine = NULL, *result;
	pthread_attr_t attr;
	char name[20] = "";
	pthread_t id;
	int r;

	where(NULL);
	pthread_create(&id, NULL, where, NULL);
	pthread_join(id, NULL);
	pthread_attr_init(&attr);
	/* 2.31 counts static TLS in: what is asked for must have room for it */
	r = pthread_attr_setstacksize(&attr, PTHREAD_STACK_MIN);
	printf("smallest: %d ", r);
	r = pthread_create(&id, &attr, ordinary, NULL);
	printf("%d\n", r);
	if (!r) {
		pthread_join(id, &result);
		printf("ran: %ld\n", (long)result);
	}
	r = posix_memalign(&mine, 4096, 65536) ? 1 : pthread_attr_setstack(&attr, mine, 65536);
	printf("own stack: %d\n", r);
	r = pthread_create(&id, &attr, ordinary, (void *)2);
	if (!r)
		pthread_join(id, &result);
	printf("ran: %d, %ld\n", r, r ? 0 : (long)result);
	pthread_setname_np(pthread_self(), "named");
	pthread_getname_np(pthread_self(), name, sizeof(name));
	printf("name: %s, equal %d\n", name, !!pthread_equal(pthread_self(), pthread_self()));
}

static void caught(int number)
{
	(void)number;
	own = 1000;
}

static void signals(void)
{
	sigset_t set, old;

	signal(SIGUSR1, caught);
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	pthread_sigmask(SIG_BLOCK, &set, &old);
	pthread_kill(pthread_self(), SIGUSR1);
	printf("blocked: %d\n", own);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	printf("delivered: %d\n", own);
}

static void *last(void *main_thread)
{
	void *result;

	pthread_join(*(pthread_t *)main_thread, &result);
	printf("main ended with %ld\n", (long)result);
	exit(4);
}

int main(int argc, char **argv)
{
	static pthread_t self;
	pthread_t id;

	setvbuf(stdout, NULL, _IONBF, 0);
	start_and_end();
	ways_to_end();
	if (argc > 1 && !strcmp(argv[1], "robust"))
		robust_mutex();
	stacks();
	signals();
	self = pthread_self();
	pthread_create(&id, NULL, last, &self);
	pthread_exit((void *)33);
}

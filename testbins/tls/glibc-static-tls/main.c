/* A thread that is older than the libraries, one that is younger, and main. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

static pthread_barrier_t turn;
static int (*look)(void);
static int seen;

static void *old(void *unused)
{
	for (;;) {
		pthread_barrier_wait(&turn);
		if (!look)
			return unused;
		seen = look();
		pthread_barrier_wait(&turn);
	}
}

static void *young(void *unused)
{
	seen = look();
	return unused;
}

static void use(const char *name)
{
	void *handle = dlopen(name, RTLD_NOW);
	pthread_t id;

	printf("%s: %s\n", name, handle ? "opened" : "refused");
	if (!handle)
		return;
	look = (int (*)(void))dlsym(handle, "look");
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	printf("%s in old: %d\n", name, seen);
	printf("%s in main: %d\n", name, look());
	pthread_create(&id, NULL, young, NULL);
	pthread_join(id, NULL);
	printf("%s in young: %d\n", name, seen);
}

int main(int argc, char **argv)
{
	pthread_t id, another;
	int i;

	setvbuf(stdout, NULL, _IONBF, 0);
	pthread_barrier_init(&turn, NULL, 2);
	pthread_create(&id, NULL, old, NULL);
	for (i = 1; i < argc; i++)
		use(argv[i]);
	if (look) {
		pthread_create(&another, NULL, young, NULL);
		pthread_join(another, NULL);
		printf("again: %d after young\n", seen);
	}
	look = NULL;
	pthread_barrier_wait(&turn);
	pthread_join(id, NULL);
	return 0;
}

#include <dlfcn.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>

static char results[8][100];

/* printf is left to the other thread: it may need more stack. */
static void *open_all(void *names)
{
	int n = 0;

	for (char **name = names; *name; name++, n++) {
		void *h = dlopen(*name, RTLD_LAZY);
		int (*f)(void) = h ? (int (*)(void))dlsym(h, "of_opened") : NULL;

		results[n][0] = h ? 'o' : '-';
		results[n][1] = f ? (char)('0' + f()) : '-';
		results[n][2] = h && !dlclose(h) ? 'c' : '-';
	}
	return NULL;
}

int main(int argc, char **argv)
{
	pthread_attr_t attributes;
	pthread_t id;

	(void)argc;
	pthread_attr_init(&attributes);
	pthread_attr_setstacksize(&attributes, PTHREAD_STACK_MIN);
	if (pthread_create(&id, &attributes, open_all, argv + 1) || pthread_join(id, NULL))
		return 1;
	for (int i = 0; argv[1 + i]; i++)
		printf("%s: %s\n", argv[1 + i], results[i]);
	return 0;
}

/* A library that can only be opened if the loader kept room in the static TLS block: musl refuses.
 */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

#include "check_maps.h"

static int (*bump)(void);

static void *thread(void *unused)
{
	(void)unused;
	bump();
	printf("thread: %d\n", bump());
	return NULL;
}

int main(void)
{
	void *handle = dlopen("libinitial.so", RTLD_NOW);
	pthread_t id;

	if (!handle) {
		puts(dlerror());
		return 1;
	}
	check_maps("after dlopen");
	bump = (int (*)(void))dlsym(handle, "bump");
	printf("main: %d\n", bump());
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
	printf("main: %d\n", bump());
	return 0;
}

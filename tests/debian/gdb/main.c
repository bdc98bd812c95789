/* What the session of gdb beside it goes through. */
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>

extern __thread int early_mark;
int early_step(int x);

static int total;

static void *in_thread(void *library)
{
	int (*later_step)(int) = (int (*)(int))dlsym(library, "later_step");

	total += later_step(5);
	return NULL;
}

static int open_and_close(void)
{
	void *library = dlopen("./liblater.so", RTLD_LAZY);
	pthread_t thread;

	if (!library || pthread_create(&thread, NULL, in_thread, library))
		return 1;
	pthread_join(thread, NULL);
	return dlclose(library);
}

int main(void)
{
	total = early_step(1);
	total += early_step(2);
	if (open_and_close() || open_and_close())
		return 1;
	printf("%d\n", total);
	return 0;
}

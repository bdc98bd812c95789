#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

int first(int n);

static int (*plugin)(int n);

static void *in_thread(void *arg)
{
	int *results = arg;

	results[0] = first(10);
	results[1] = plugin(10);
	return arg;
}

static void *open_plugin(void)
{
	void *handle = dlopen("libplugin.so", RTLD_LAZY);

	plugin = handle ? (int (*)(int))dlsym(handle, "plugin") : NULL;
	if (plugin)
		return handle;
	puts(dlerror());
	exit(1);
}

/* With an argument: no thread, whose bindings may be told of before or after main's. */
int main(int argc, char **argv)
{
	pthread_t thread;
	int results[2];
	void *handle, *apart;

	printf("first: %d %d\n", first(1), first(2));
	fflush(stdout);
	handle = open_plugin();
	printf("plugin: %d %d\n", plugin(1), plugin(2));
	fflush(stdout);
	(void)argv;
	if (argc > 1)
		in_thread(results);
	else if (pthread_create(&thread, NULL, in_thread, results) || pthread_join(thread, NULL))
		return 1;
	printf("thread: %d %d\n", results[0], results[1]);
	fflush(stdout);
	dlclose(handle);
	dlclose(open_plugin());
	printf("absent: %d\n", dlopen("libabsent.so", RTLD_NOW) != NULL);
	printf("broken: %d\n", dlopen("libbroken.so", RTLD_NOW) != NULL);
	fflush(stdout);
	apart = dlmopen(LM_ID_NEWLM, "libsecond.so", RTLD_NOW);
	printf("apart: %d\n", ((int (*)(int))dlsym(apart, "twice"))(21));
	fflush(stdout);
	dlclose(apart);
	printf("default: %d\n", dlsym(RTLD_DEFAULT, "first") != NULL);
	fflush(stdout);
	return 0;
}

#include <pthread.h>
#include <stdio.h>

static void prepare(void)
{
	puts("prepare of the plugin");
}

__attribute__((constructor)) static void start(void)
{
	pthread_atfork(prepare, NULL, NULL);
}

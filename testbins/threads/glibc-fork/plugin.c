/* Opened by parent and child. */
#include <pthread.h>
#include <stdio.h>

static __thread int counter = 5;

int plugin_parents;

static void before(void)
{
	printf("  plugin: before fork\n");
}

static void in_parent(void)
{
	plugin_parents++;
}

static void in_child(void)
{
	printf("  plugin: in the child\n");
}

int plugin_count(void);
int plugin_count(void)
{
	return counter++;
}

__attribute__((constructor)) static void begin(void)
{
	pthread_atfork(before, in_parent, in_child);
}

/* Uses its libc in every way; in a namespace of its own that is another copy. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static __thread int counter = 5;
static int whole = 50;
int guest_number(void);
int *guest_errno(void);
void *guest_malloc(size_t size);
int guest_open(void);

__attribute__((constructor)) static void begin(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
}

int guest_number(void)
{
	char *text = malloc(100), *copy;
	int n;

	snprintf(text, 100, "%d and %g", ++whole, 1.5 * ++counter);
	copy = strdup(text);
	n = printf(
		"  guest: %s %s\n", copy, getenv("TEST_VARIABLE") ? getenv("TEST_VARIABLE") : "-");
	free(copy);
	free(text);
	return n;
}

int *guest_errno(void)
{
	return &errno;
}

void *guest_malloc(size_t size)
{
	return malloc(size);
}

int guest_open(void)
{
	void *handle = dlopen("./libneighbour.so", RTLD_NOW);
	int *value = handle ? dlsym(handle, "neighbour_value") : NULL;

	return value ? *value : -1;
}

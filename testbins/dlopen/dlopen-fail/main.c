/* A dlopen that fails leaves nothing: no mapping, no symbol, no half-built library; many times. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "check_maps.h"

static int mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	int c, lines = 0;

	while ((c = getc(maps)) != EOF)
		lines += c == '\n';
	fclose(maps);
	return lines;
}

static int descriptors(void)
{
	FILE *probe = fopen("/dev/null", "r");
	int number = fileno(probe);

	fclose(probe);
	return number;
}

/* bad: the names, ended by NULL */
int main(int argc, char **bad)
{
	const char *(*name)(void);
	int i, round, before, fds, opened = 0;
	void *handle;

	(void)argc;
	bad++;
	for (i = 0; bad[i]; i++) {
		handle = dlopen(bad[i], RTLD_NOW);
		printf("%s: %s, dlerror: %d\n", bad[i], handle ? "opened" : "refused",
			dlerror() != NULL);
		check_maps(bad[i]);
	}
	printf("nothing of them is visible: %d\n", !dlsym(RTLD_DEFAULT, "good_name"));
	dlerror();
	before = mappings();
	fds = descriptors();
	for (round = 0; round < 1000; round++)
		for (i = 0; bad[i]; i++)
			opened += dlopen(bad[i], RTLD_NOW) != NULL;
	printf("opened: %d\n", opened);
	printf("more mappings: %d\n", mappings() - before > 2);
	printf("more descriptors: %d\n", descriptors() - fds);
	check_maps("after thousands of failures");
	handle = dlopen("libgood.so", RTLD_NOW | RTLD_GLOBAL);
	if (!handle) {
		puts(dlerror());
		return 1;
	}
	name = (const char *(*)(void))dlsym(handle, "good_name");
	printf("a good one: %s\n", name());
	handle = dlopen("libgood.so", RTLD_NOW);
	printf("opened again: %d\n", handle != NULL);
	return 0;
}

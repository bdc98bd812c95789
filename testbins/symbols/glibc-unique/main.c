/* Opens each library locally: their counter is the same all the same. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

static int mapped(const char *name)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[1000];
	int found = 0;

	while (fgets(line, sizeof(line), maps))
		found |= strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

static void *use(const char *name, const char *symbol)
{
	void *handle = dlopen(name, RTLD_NOW | RTLD_LOCAL);
	int (*count)(void) = (int (*)(void))dlsym(handle, symbol);

	printf("%s: %d\n", name, count ? count() : -1);
	return handle;
}

int main(void)
{
	void *one = use("libone.so", "one_count"), *two = use("libtwo.so", "two_count");
	int i;

	use("libone.so", "one_count");
	printf("close: %d\n", dlclose(one));
	printf("close: %d\n", dlclose(two));
	dlclose(one);
	printf("mapped: %d %d\n", mapped("libone.so"), mapped("libtwo.so"));
	for (i = 0; i < 200; i++)
		dlclose(dlopen("libthree.so", RTLD_NOW));
	use("libthree.so", "three_count");
	use("libtwo.so", "two_count");
	return 0;
}

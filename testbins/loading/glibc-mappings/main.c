/* What /proc/self/maps shows of libraries and ld.so.cache, at start and after a dlopen that finds its
 * library by the latter.  Of a library the headers and the code: its data may come from a snapshot.
 * From 2.44 on, ld.so leaves ld.so.cache mapped. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { LINES = 64 };

static char seen[LINES][512];

static int compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

/* The loaders choose different addresses: the lines are sorted by name. */
static void show(const char *when)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	bool keeps_cache = strverscmp(gnu_get_libc_version(), "2.44") >= 0;
	char line[512], perms[5], path[400];
	unsigned long start, end, offset;
	size_t n = 0;

	while (maps && n < LINES && fgets(line, sizeof line, maps))
		if (sscanf(line, "%lx-%lx %4s %lx %*s %*s %399s", &start, &end, perms, &offset,
			    path) == 5 &&
			strstr(path, ".so") && (!offset || perms[2] == 'x') &&
			!strstr(path, "/ld-") && !strstr(path, "/myld.so") &&
			!(keeps_cache && strstr(path, "/ld.so.cache")))
			snprintf(seen[n++], sizeof *seen, "%s %#lx %s %#lx", strrchr(path, '/') + 1,
				offset, perms, end - start);
	if (maps)
		fclose(maps);
	qsort(seen, n, sizeof *seen, compare);
	puts(when);
	for (size_t i = 0; i < n; i++)
		puts(seen[i]);
}

int main(void)
{
	void *handle;

	show("start");
	handle = dlopen("libresolv.so.2", RTLD_NOW);
	if (!handle)
		return puts(dlerror()), 1;
	show("opened");
	dlclose(handle);
	show("closed");
	return 0;
}

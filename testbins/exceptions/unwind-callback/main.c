/* A callback of dl_iterate_phdr that does not return but is unwound, as by a C++ exception or by
 * pthread_cancel.  Afterwards other threads can walk as well, libraries are opened, and those that are
 * closed are unmapped. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "check_maps.h"
#include "forced_unwind.h"

static void *limit;

static int throw(struct dl_phdr_info * info, size_t size, void *data)
{
	(void)info;
	(void)size;
	(void)data;
	unwind_up_to(limit);
	return 1;
}

static int count(struct dl_phdr_info *info, size_t size, void *n)
{
	(void)info;
	(void)size;
	++*(int *)n;
	return 0;
}

static void *walk(void *unused)
{
	int n = 0;

	printf("another thread's walk: %d\n", dl_iterate_phdr(count, &n));
	return unused && n ? unused : NULL;
}

static int is_later(struct dl_phdr_info *info, size_t size, void *unused)
{
	(void)size;
	(void)unused;
	return strstr(info->dlpi_name, "liblater") != NULL;
}

static bool is_mapped(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[512];
	bool found = false;

	while (maps && fgets(line, sizeof line, maps))
		found |= strstr(line, "liblater") != NULL;
	if (maps)
		fclose(maps);
	return found;
}

static void open_and_close(void)
{
	void *later = dlopen("./liblater.so", RTLD_NOW);

	printf("opened: listed %d, mapped %d\n", dl_iterate_phdr(is_later, NULL), is_mapped());
	dlclose(later);
	printf("closed: listed %d, mapped %d\n", dl_iterate_phdr(is_later, NULL), is_mapped());
}

int main(void)
{
	pthread_t thread;
	char here;

	alarm(20);
	limit = &here;
	for (volatile int i = 0; i < 3; i++)
		if (setjmp(landing) == 0)
			printf("not unwound: %d\n", dl_iterate_phdr(throw, NULL));
		else
			printf("unwound\n");
	if (pthread_create(&thread, NULL, walk, NULL) || pthread_join(thread, NULL))
		return 1;
	open_and_close();
	check_maps("at the end");
	return 0;
}

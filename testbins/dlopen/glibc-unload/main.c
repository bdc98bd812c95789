/* Opens and closes libraries, and looks at the kernel's list and at dl_iterate_phdr's counters. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_maps.h"

static unsigned long long adds, subs;
static int objects;

static int counters(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)size;
	(void)data;
	adds = info->dlpi_adds;
	subs = info->dlpi_subs;
	objects++;
	return 0;
}

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

static void state(const char *what)
{
	static const char *const names[] = {
		"libplugin.so", "libdep.so", "libprovider.so", "libuser.so", "libnest.so"};
	unsigned long long a = adds, s = subs;
	int before = objects;
	size_t i;

	objects = 0;
	dl_iterate_phdr(counters, NULL);
	printf("%s: %+d objects, %llu added, %llu removed, mapped:", what, objects - before,
		adds - a, subs - s);
	for (i = 0; i < sizeof(names) / sizeof(*names); i++)
		if (mapped(names[i]))
			printf(" %s", names[i]);
	puts("");
	check_maps(what);
}

static void *get(const char *name, int flags)
{
	void *handle = dlopen(name, flags);

	if (!handle)
		puts(dlerror());
	state(name);
	return handle;
}

static void drop(const char *what, void *handle)
{
	printf("close %s: %d\n", what, dlclose(handle));
	state(what);
}

static void call(void *handle, const char *name)
{
	const char *(*f)(void) = (const char *(*)(void))dlsym(handle, name);

	printf("%s\n", f ? f() : dlerror());
}

static void use_counts(void)
{
	void *plugin = get("libplugin.so", RTLD_NOW), *again = get("./libplugin.so", RTLD_LAZY),
	     *dep;

	call(plugin, "plugin_name");
	drop("one of two", again);
	dep = get("libdep.so", RTLD_NOW);
	drop("plugin", plugin);
	call(dep, "dep_name");
	drop("dep", dep);
	plugin = get("libplugin.so", RTLD_NOW);
	call(plugin, "plugin_name");
	drop("plugin", plugin);
}

static void bound_symbols(void)
{
	void *provider = get("libprovider.so", RTLD_LAZY | RTLD_GLOBAL);
	void *user = get("libuser.so", RTLD_LAZY);

	call(user, "user_name");
	drop("provider", provider);
	call(user, "user_name");
	drop("user", user);
	printf("by itself: %d\n", dlopen("libuser.so", RTLD_NOW) != NULL);
}

static void many_times(void)
{
	int i, wrong = 0;

	freopen("/dev/null", "w", stdout);
	for (i = 0; i < 300; i++) {
		void *handle = dlopen("libplugin.so", RTLD_NOW);

		wrong += !handle || dlclose(handle) || mapped("libplugin.so");
	}
	fprintf(stderr, "wrong after many times: %d\n", wrong);
	_Exit(wrong ? 1 : 0);
}

int main(int argc, char **argv)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	if (argc > 1 && !strcmp(argv[1], "many"))
		many_times();
	state("at main");
	use_counts();
	bound_symbols();
	drop("nest", get("libnest.so", RTLD_NOW));
	get("libkept.so", RTLD_NOW);
	puts("end of main");
	return 0;
}

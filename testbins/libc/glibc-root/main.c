/* What is mapped into the process, as the kernel has it (where there is a /proc). */
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void *thread(void *unused)
{
	(void)unused;
	return (void *)42;
}

static void mappings(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[1000], libc[1000] = "nowhere";
	int foreign = 0;

	while (maps && fgets(line, sizeof(line), maps)) {
		char *path = strchr(line, '/'), *name;

		if (!path)
			continue;
		path[strcspn(path, "\n")] = 0;
		name = strrchr(path, '/') + 1;
		foreign += !strncmp(name, "ld-", 3);
		if (!strncmp(name, "libc.so", 7) || !strncmp(name, "libc-", 5))
			strcpy(libc, path);
	}
	if (!maps)
		return;
	printf("foreign loaders mapped: %d\n", foreign);
	printf("libc mapped from %s\n", libc);
}

int main(void)
{
	int (*plugin)(void);
	void *result, *handle;
	pthread_t id;

	printf("libc %s\n", gnu_get_libc_version());
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, &result);
	printf("thread: %ld\n", (long)result);
	handle = dlopen("libplugin.so", RTLD_NOW);
	plugin = handle ? (int (*)(void))dlsym(handle, "plugin") : NULL;
	printf("plugin: %d\n", plugin ? plugin() : -1);
	mappings();
	return 0;
}

/* Opens the library that it is told to, asks it for everything that dl* can say, and goes on: what
 * is printed last is "fine" whether the library could be opened or not, unless the loader's
 * registry is at odds with the kernel. */
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

__attribute__((weak)) long myld_check_maps(int all, int fd);

static int count_names(struct dl_phdr_info *info, size_t size, void *sum)
{
	(void)size;
	*(size_t *)sum += strlen(info->dlpi_name) + info->dlpi_phnum;
	return 0;
}

static void ask(void *handle)
{
	static const char *const names[] = {
		"seed_function", "seed_data", "seed_versioned", "needed_function", "seed_absent"};
	struct link_map *map;
	Dl_info info;
	size_t sum = 0;

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		void *address = dlsym(handle, names[i]);

		if (address && dladdr(address, &info) && info.dli_sname)
			sum += strlen(info.dli_sname);
	}
	if (dlinfo(handle, RTLD_DI_LINKMAP, &map) == 0) {
		dladdr((char *)map->l_ld, &info);
		sum += strlen(map->l_name);
	}
	dl_iterate_phdr(count_names, &sum);
	dlerror();
}

int main(int argc, char **argv)
{
	void *handle = argc > 1 ? dlopen(argv[1], RTLD_NOW) : NULL;
	const char *error = handle ? "" : dlerror();

	if (handle)
		ask(handle);
	else if (!error || !*error)
		return puts("dlopen failed without an error text"), 2;
	else
		printf("refused: %s\n", error);
	if (myld_check_maps && myld_check_maps(0, 1) != 0)
		return puts("the registry differs from /proc/self/maps"), 3;
	puts("fine");
	return 0;
}

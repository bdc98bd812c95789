/* dladdr, dlinfo, dl_iterate_phdr and the link map agree with each other and with the program. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <string.h>

#include "check_maps.h"

int object_function(void);
extern int object_data;
static unsigned long long adds;

static const char *base_name(const char *path)
{
	static char name[100];
	const char *slash = strrchr(path, '/');

	snprintf(name, sizeof(name), "%s", slash ? slash + 1 : path);
	if (!strncmp(name, "prog", 4))
		name[4] = 0; /* prog.something is prog started in another way */
	return name;
}

static int ours(const char *name)
{
	return strstr(name, "libobject") || strstr(name, "liblater") || strstr(name, "prog");
}

static int print_object(struct dl_phdr_info *info, size_t size, void *data)
{
	int i, loads = 0, dynamic = 0, inside = 0;

	(void)data;
	adds = size > 20 ? info->dlpi_adds : 0;
	for (i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		ElfW(Addr) start = info->dlpi_addr + p->p_vaddr;

		loads += p->p_type == PT_LOAD;
		dynamic += p->p_type == PT_DYNAMIC;
		inside += p->p_type == PT_LOAD && (ElfW(Addr))object_function >= start &&
			  (ElfW(Addr))object_function < start + p->p_memsz;
	}
	if (ours(info->dlpi_name))
		printf("object %s: loads %d, dynamic %d, object_function %d\n",
			base_name(info->dlpi_name), loads > 1, dynamic, inside);
	return 0;
}

static int stop_at_second(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)info;
	(void)size;
	return ++*(int *)data == 2 ? 42 : 0;
}

static void address(const char *what, const void *p)
{
	Dl_info info = {0};
	int found = dladdr(p, &info);

	printf("%s: %d", what, found != 0);
	if (found && ours(info.dli_fname))
		printf(" in %s, symbol %s, base %d", base_name(info.dli_fname),
			info.dli_sname ? info.dli_sname : "(none)",
			!memcmp(info.dli_fbase, "\177ELF", 4));
	putchar('\n');
}

static void walk_link_map(void)
{
	struct link_map *map, *previous = NULL;
	void *self = dlopen(NULL, RTLD_NOW);

	if (dlinfo(self, RTLD_DI_LINKMAP, &map)) {
		puts("no link map");
		return;
	}
	/* For a debugger that was started on it, a loader may stand before the program. */
	previous = map->l_prev;
	for (; map; previous = map, map = map->l_next) {
		if (map->l_prev != previous)
			puts("l_prev is wrong");
		if (ours(map->l_name))
			printf("link map: %s, l_ld %d\n", base_name(map->l_name),
				map->l_ld != NULL);
	}
}

int main(void)
{
	unsigned long long before;
	struct link_map *map;
	void *handle;
	int calls = 0, result;

	check_maps("at main");
	dl_iterate_phdr(print_object, NULL);
	before = adds;
	result = dl_iterate_phdr(stop_at_second, &calls);
	printf("stopped: %d after %d\n", result, calls);
	address("program's function", (void *)main);
	address("library's function", (void *)object_function);
	address("inside it", (char *)object_function + 1);
	address("library's data", &object_data);
	address("stack", &calls);
	address("null", NULL);
	walk_link_map();
	handle = dlopen("liblater.so", RTLD_NOW);
	check_maps("after dlopen");
	printf("dlinfo of it: %d\n", dlinfo(handle, RTLD_DI_LINKMAP, &map));
	printf("link map of it: %s\n", base_name(map->l_name));
	dl_iterate_phdr(print_object, NULL);
	printf("one more: %llu\n", adds - before);
	printf("dlinfo with a bad request: %d\n", dlinfo(handle, 1000, &map) != 0);
	address("later function", dlsym(handle, "later_function"));
	walk_link_map();
	return 0;
}

/* host_objects.c: see host_objects.h. */
#define _GNU_SOURCE
#include "lib/host_objects.h"

#include <dlfcn.h>
#include <link.h>
#include <stdlib.h>
#include <string.h>

struct list {
	struct host_object *at, *end;
	size_t count;
};

static void *map_of(uintptr_t base, const char *name)
{
	/* glibc's handle is the map itself; _r_debug may be the loader's here. */
	struct link_map *map = dlopen(NULL, RTLD_LAZY);

	while (map && (map->l_addr != base || strcmp(map->l_name, name) != 0))
		map = map->l_next;
	return map;
}

static int add(struct dl_phdr_info *info, size_t size, void *data)
{
	struct list *list = data;

	(void)size;
	if (list->at == list->end)
		abort();
	*list->at++ = (struct host_object){.name = info->dlpi_name,
		.base = info->dlpi_addr,
		.phdr = info->dlpi_phdr,
		.phnum = info->dlpi_phnum,
		.map = map_of(info->dlpi_addr, info->dlpi_name)};
	list->count++;
	return 0;
}

size_t host_objects(struct host_object *objects, size_t room)
{
	struct list list = {objects, objects + room, 0};

	dl_iterate_phdr(add, &list);
	return list.count;
}

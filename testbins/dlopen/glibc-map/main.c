/* What programs that know glibc's struct link_map read of each object, by the offsets of their version. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

char *library(void);

/* Offsets in bytes of l_type, two bits, and of l_map_end, behind l_map_start. */
static const struct {
	const char *version;
	size_t type, map_end;
} places[] = {{"2.31", 796, 856}, {"2.36", 820, 888}, {"2.41", 852, 920}, {"2.43", 852, 920}};

struct object {
	const struct link_map *map;
	ElfW(Addr) start, end;
};

static int find(struct dl_phdr_info *info, size_t size, void *data)
{
	struct object *o = data;

	(void)size;
	if (info->dlpi_addr != o->map->l_addr)
		return 0;
	o->start = -1;
	for (int i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *p = &info->dlpi_phdr[i];
		ElfW(Addr) from = info->dlpi_addr + p->p_vaddr, to = from + p->p_memsz;

		if (p->p_type != PT_LOAD)
			continue;
		if (from < o->start)
			o->start = from & -4096ul;
		if (to > o->end)
			o->end = to;
	}
	return 1;
}

static void print(const struct link_map *map, size_t type, size_t map_end)
{
	const char *at = (const char *)map, *name = strrchr(map->l_name, '/');
	const ElfW(Addr) *bounds = (const ElfW(Addr) *)(at + map_end);
	struct object o = {.map = map};

	if (!dl_iterate_phdr(find, &o))
		exit(1);
	name = name ? name + 1 : map->l_name;
	if (!*name)
		name = "program";
	if (!strncmp(name, "ld-linux", 8) || !strcmp(name, "myld.so"))
		name = "loader";
	printf("%s: type %d, start %s, end %s\n", name, at[type] & 3,
		bounds[-1] == o.start ? "right" : "wrong", bounds[0] == o.end ? "right" : "wrong");
}

int main(void)
{
	const char *version = gnu_get_libc_version();
	size_t i = 0;

	library();
	if (!dlopen("libopened.so", RTLD_NOW))
		return 1;
	while (i < sizeof places / sizeof *places && strcmp(places[i].version, version))
		i++;
	if (i == sizeof places / sizeof *places) {
		printf("glibc %s is not known here\n", version);
		return 0;
	}
	for (const struct link_map *m = _r_debug.r_map; m; m = m->l_next)
		print(m, places[i].type, places[i].map_end);
	return 0;
}

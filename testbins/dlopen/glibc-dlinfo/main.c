/* What the dl* functions tell of objects and symbols; paths are shown from the case's folder on. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int function(int n);
extern char variable[100];
void *address_of_hidden(void);

static const char *tail(const char *path)
{
	const char *slash = strrchr(path, '/');

	return !slash ? path : slash + 1;
}

/* "DIR/." of a program that was given as ./prog is DIR. */
static const char *plain(char *path)
{
	size_t n = strlen(path);

	if (n > 2 && !strcmp(path + n - 2, "/."))
		path[n - 2] = 0;
	return path;
}

static void where(const char *what, const void *address)
{
	Dl_info info, again;
	const ElfW(Sym) *sym = NULL;
	struct link_map *map = NULL;

	if (!dladdr(address, &info)) {
		printf("%s: nowhere\n", what);
		return;
	}
	printf("%s: %s, %s%+ld\n", what, tail(info.dli_fname),
		info.dli_sname ? info.dli_sname : "-",
		info.dli_sname ? (long)((char *)address - (char *)info.dli_saddr) : 0);
	if (dladdr1(address, &again, (void **)&sym, RTLD_DL_SYMENT) && sym)
		printf("  symbol: type %d, size %ld\n", ELF64_ST_TYPE(sym->st_info),
			(long)sym->st_size);
	if (dladdr1(address, &again, (void **)&map, RTLD_DL_LINKMAP) && map)
		printf("  map: %s, base %d, dynamic %d\n", tail(map->l_name),
			(char *)again.dli_fbase <= (char *)address, map->l_ld->d_tag != DT_NULL);
}

static void addresses(void)
{
	int on_stack;

	where("function", (char *)(void *)function);
	where("inside function", (char *)dlsym(RTLD_DEFAULT, "function") + 2);
	where("variable", variable + 50);
	where("hidden", address_of_hidden());
	where("where", (void *)dlsym(RTLD_DEFAULT, "main"));
	where("printf", dlsym(RTLD_DEFAULT, "printf"));
	where("stack", &on_stack);
	where("nothing", NULL);
	where("heap", malloc(10));
}

static void search_path(void *handle)
{
	Dl_serinfo size, *all;
	unsigned int i;

	if (dlinfo(handle, RTLD_DI_SERINFOSIZE, &size)) {
		printf("no search path: %s\n", dlerror());
		return;
	}
	all = malloc(size.dls_size);
	dlinfo(handle, RTLD_DI_SERINFOSIZE, all);
	printf("%u directories: %d\n", size.dls_cnt, dlinfo(handle, RTLD_DI_SERINFO, all));
	for (i = 0; i < all->dls_cnt; i++)
		printf("  %s flags %u\n", plain(all->dls_serpath[i].dls_name),
			all->dls_serpath[i].dls_flags);
	free(all);
}

static void requests(const char *what, void *handle)
{
	const ElfW(Phdr) *phdr = NULL;
	struct link_map *map = NULL;
	size_t modid = 99;
	char origin[4096];
	Lmid_t space = 9;
	void *block = NULL;
	int r;

	r = dlinfo(handle, RTLD_DI_LMID, &space);
	printf("%s: lmid %d %ld\n", what, r, space);
	r = dlinfo(handle, RTLD_DI_LINKMAP, &map);
	printf("linkmap %d %s\n", r, map ? tail(map->l_name) : "-");
	r = dlinfo(handle, RTLD_DI_ORIGIN, origin);
	printf("origin %d %s\n", r, r ? "-" : tail(plain(origin)));
	r = dlinfo(handle, RTLD_DI_TLS_MODID, &modid);
	printf("modid %d, has one %d\n", r, modid > 0);
	r = dlinfo(handle, RTLD_DI_TLS_DATA, &block);
	printf("tls %d, there %d\n", r, block != NULL);
	r = dlinfo(handle, 11 /* RTLD_DI_PHDR, which 2.31 does not know */, &phdr);
	if (strcmp(gnu_get_libc_version(), "2.36") >= 0)
		printf("phdr %d\n", r > 0 && phdr != NULL);
	search_path(handle);
	r = dlinfo(handle, 77, &block);
	printf("no such request: %d %d\n", r, dlerror() != NULL);
}

static int each(struct dl_phdr_info *info, size_t size, void *last)
{
	int i, loads = 0;

	(void)last;
	for (i = 0; i < info->dlpi_phnum; i++)
		loads += info->dlpi_phdr[i].p_type == PT_LOAD;
	if (!strstr(info->dlpi_name, "/ld-") && !strstr(info->dlpi_name, "myld.so"))
		printf("object %s: %d of size, segments %d, module %d, block %d\n",
			tail(info->dlpi_name), size >= sizeof(*info), loads > 0,
			info->dlpi_tls_modid > 0, info->dlpi_tls_data != NULL);
	return 0;
}

static int second(struct dl_phdr_info *info, size_t size, void *count)
{
	(void)info;
	(void)size;
	return ++*(int *)count == 2 ? 42 : 0;
}

int main(void)
{
	void *self, *object, *plugin, *(*local)(void);
	struct link_map *map;
	int count = 0;

	setvbuf(stdout, NULL, _IONBF, 0);
	addresses();
	self = dlopen(NULL, RTLD_NOW);
	object = dlopen("libobject.so", RTLD_NOW);
	plugin = dlopen("sub/libplugin.so", RTLD_NOW);
	requests("program", self);
	requests("library", object);
	requests("plugin", plugin);
	local = (void *(*)(void))dlsym(plugin, "address_of_local");
	local();
	requests("plugin with its block", plugin);
	dl_iterate_phdr(each, NULL);
	printf("stopped with %d", dl_iterate_phdr(second, &count));
	printf(" at %d\n", count);
	dlinfo(self, RTLD_DI_LINKMAP, &map);
	printf("program's name: '%s', first %d\n", map->l_name, map->l_prev == NULL);
	printf("_r_debug: %d\n", _r_debug.r_map == map);
	return 0;
}

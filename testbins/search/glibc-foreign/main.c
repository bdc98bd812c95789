/* main.c: prog STATUS ARGUMENT...: prints what the loader knows of the build of glibc, and what the
 * program was started with, then exits with this status. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *place(void);

static void print_directories(void)
{
	void *self = dlopen(NULL, RTLD_NOW);
	Dl_serinfo size, *info;

	if (!self || dlinfo(self, RTLD_DI_SERINFOSIZE, &size))
		return;
	info = malloc(size.dls_size);
	*info = size;
	if (dlinfo(self, RTLD_DI_SERINFO, info))
		return;
	for (unsigned i = 0; i < info->dls_cnt; i++)
		printf("directory %s\n", info->dls_serpath[i].dls_name);
	free(info);
}

static void print_symbols(void)
{
	static const char *const names[] = {"__rseq_size", "__rseq_flags", "_dl_find_object",
		"__tls_get_addr", "_dl_mcount", "none_such"};

	for (size_t i = 0; i < sizeof names / sizeof *names; i++)
		printf("%s: %s\n", names[i], dlsym(RTLD_DEFAULT, names[i]) ? "yes" : "no");
}

/* Whether the loader is the ld-linux that lies beside libc. */
static void print_loader(void)
{
	FILE *maps = fopen("/proc/self/maps", "r");
	char line[4096];
	int own = 0;

	while (maps && fgets(line, sizeof line, maps))
		own |= strstr(line, "/myld.so") != NULL;
	fprintf(stderr, "loader: %s\n", own ? "myld.so" : "another");
}

int main(int argc, char **argv)
{
	const char *const *preloaded = dlsym(RTLD_DEFAULT, "preloaded"), *kept = getenv("KEPT");

	printf("place: %s\n", place());
	print_directories();
	print_symbols();
	printf("preloaded: %s\nKEPT=%s\n", preloaded ? *preloaded : "nothing", kept ? kept : "");
	for (int i = 0; i < argc; i++)
		printf("argv[%d]: %s\n", i, argv[i]);
	print_loader();
	return argc > 1 ? atoi(argv[1]) : 0;
}

/*
 * The program on top of a graph. Constructors have logged themselves before main; main logs the
 * load order and whose graph_first() the scope holds, then opens the libraries named by its
 * arguments
 * ("+NAME": RTLD_GLOBAL), each followed by the new load order.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <string.h>

void log_event(const char *what, const char *name);
const char *graph_first(void);

static int log_name(struct dl_phdr_info *info, size_t size, void *data)
{
	const char *slash = strrchr(info->dlpi_name, '/');

	(void)size;
	(void)data;
	log_event("loaded", slash ? slash + 1 : info->dlpi_name);
	return 0;
}

static int open_library(const char *name)
{
	int global = name[0] == '+' ? RTLD_GLOBAL : RTLD_LOCAL;

	name += name[0] == '+';
	log_event("open", name);
	if (!dlopen(name, RTLD_NOW | global)) {
		log_event("error", dlerror());
		return 1;
	}
	dl_iterate_phdr(log_name, 0);
	return 0;
}

__attribute__((constructor)) static void init(void)
{
	log_event("init", "program");
}

__attribute__((destructor)) static void fini(void)
{
	log_event("fini", "program");
}

int main(int argc, char **argv)
{
	int failed = 0;

	dl_iterate_phdr(log_name, 0);
	log_event("first", graph_first());
	for (int i = 1; i < argc; i++)
		failed |= open_library(argv[i]);
	return failed;
}

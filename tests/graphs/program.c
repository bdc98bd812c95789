/*
 * The program on top of a graph. Constructors have logged themselves before main; main logs the
 * load order and whose graph_first() the scope holds, then does what its arguments say, each followed
 * by the new load order:
 *
 *	NAME +NAME          dlopen: RTLD_LOCAL, RTLD_GLOBAL, RTLD_NOW
 *	lazy:NAME +lazy:NAME, deep:NAME      RTLD_LAZY, RTLD_DEEPBIND
 *	close:NAME          dlclose of the handle that was opened last
 *	look                what each library finds by RTLD_NEXT and RTLD_DEFAULT, each handle holds
 *	see                 whose function each library calls
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <string.h>

#include "log.h"

#ifndef RTLD_DEEPBIND /* musl */
#define RTLD_DEEPBIND 0
#endif

const char *graph_first(void);

static struct {
	const char *name;
	void *handle;
} opened[64];
static int count;

static int log_name(struct dl_phdr_info *info, size_t size, void *data)
{
	const char *slash = strrchr(info->dlpi_name, '/');

	(void)size;
	(void)data;
	log_event("loaded", slash ? slash + 1 : info->dlpi_name);
	return 0;
}

/* Whether text begins with the word, which is skipped. */
static int begins(const char **text, const char *word)
{
	size_t n = strlen(word);

	if (strncmp(*text, word, n))
		return 0;
	*text += n;
	return 1;
}

static int open_library(const char *name)
{
	int mode = begins(&name, "+") ? RTLD_GLOBAL : RTLD_LOCAL;

	mode |= begins(&name, "lazy:") ? RTLD_LAZY : RTLD_NOW;
	mode |= begins(&name, "deep:") ? RTLD_DEEPBIND : 0;
	log_event("open", name);
	opened[count].name = name;
	opened[count].handle = dlopen(name, mode);
	if (!opened[count].handle) {
		log_event("error", name);
		return 1;
	}
	count++;
	return 0;
}

static int close_library(const char *name)
{
	int i = count;

	log_event("close", name);
	while (i-- > 0)
		if (opened[i].handle && !strcmp(opened[i].name, name)) {
			void *handle = opened[i].handle;

			opened[i].handle = 0;
			return dlclose(handle);
		}
	return 0;
}

static void look(void)
{
	for (struct library *l = log_libraries(); l; l = l->next) {
		log_event(l->name, l->look_for(RTLD_NEXT, dlsym));
		log_event(l->name, l->look_for(RTLD_DEFAULT, dlsym));
	}
	for (int i = 0; i < count; i++) {
		const char *(*f)(void) = 0;

		if (opened[i].handle)
			f = (const char *(*)(void))dlsym(opened[i].handle, "graph_first");
		log_event(opened[i].name, f ? f() : "nobody");
	}
}

static int act(const char *what)
{
	if (!strcmp(what, "look"))
		look();
	else if (!strcmp(what, "see"))
		for (struct library *l = log_libraries(); l; l = l->next)
			log_event(l->name, l->see(dlsym));
	else if (begins(&what, "close:"))
		return close_library(what);
	else
		return open_library(what);
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
	for (int i = 1; i < argc && i < 64; i++) {
		failed |= act(argv[i]);
		dl_iterate_phdr(log_name, 0);
	}
	return failed;
}

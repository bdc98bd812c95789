/* A stray write to the loader's memory.  The name in a library's link map is text of the loader's:
 * what it lies in holds all else that the loader knows of the program and its libraries, too. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "check_maps.h"

extern int object(void);

static char *name;

void attempt(const char *when)
{
	int status;
	pid_t child;

	fflush(stdout);
	child = fork();
	if (child == 0) {
		signal(SIGSEGV, SIG_DFL);
		*(volatile char *)name = '/';
		_exit(0);
	}
	waitpid(child, &status, 0);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSEGV)
		printf("a write %s works\n", when);
}

/* What changes a library of start-up, of all that can be asked for at run time. */
static void change(void *handle)
{
	Dl_info info;

	attempt("in main");
	dlopen("libobject.so", RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE);
	dlsym(handle, "object");
	dlsym(handle, "no_such_symbol");
	dladdr((void *)change, &info);
	dlclose(handle);
	attempt("after dlopen of what is loaded");
}

static void open_another(const char *looked_up)
{
	void *handle = dlopen("libopened.so", RTLD_LAZY | RTLD_GLOBAL);

	attempt("after dlopen");
	check_maps("after dlopen");
	if (looked_up)
		printf("%s: %d\n", looked_up, dlsym(RTLD_DEFAULT, looked_up) != NULL);
	attempt("after dlsym");
	dlclose(handle);
	attempt("after dlclose");
	check_maps("after dlclose");
}

int main(void)
{
	struct link_map *map;
	void *object_handle = dlopen("libobject.so", RTLD_LAZY | RTLD_NOLOAD);

	if (!object_handle || dlinfo(object_handle, RTLD_DI_LINKMAP, &map))
		return 1;
	name = map->l_name;
	change(object_handle);
	open_another(NULL);
	open_another(NULL);
	open_another("opened");
	open_another("opened");
	printf("dlopen of nothing: %d\n", dlopen("libnothing.so", RTLD_NOW) != NULL);
	attempt("after a dlopen that failed");
	printf("%d\n", object());
	return 0;
}

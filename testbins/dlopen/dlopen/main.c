/* dlopen's flags and handles one after another. */
#include <dlfcn.h>
#include <stdio.h>

#include "check_maps.h"

static void *attempt(const char *what, const char *name, int flags)
{
	void *handle = dlopen(name, flags);
	char where[200];

	printf("%s: %s\n", what, handle ? "opened" : "refused");
	printf("dlerror: %d\n", dlerror() != NULL);
	snprintf(where, sizeof(where), "after %s", what);
	check_maps(where);
	return handle;
}

static void call(void *handle, const char *name)
{
	const char *(*function)(void) = (const char *(*)(void))dlsym(handle, name);

	printf("%s: %s\n", name, function ? function() : "not found");
	dlerror();
}

int main(void)
{
	void *self, *a, *again, *other, *plugin;

	check_maps("at main");
	self = attempt("the program", NULL, RTLD_LAZY);
	call(self, "exported_by_program");
	call(self, "plugin_name");
	attempt("NOLOAD of what is not there", "libplugin.so", RTLD_NOW | RTLD_NOLOAD);
	a = attempt("a library", "libplugin.so", RTLD_NOW);
	call(a, "plugin_name");
	call(a, "needed_name"); /* a handle reaches the dependencies */
	again = attempt("again", "libplugin.so", RTLD_LAZY);
	printf("same handle: %d\n", a == again);
	other = attempt("by another path", "./../dlopen/libplugin.so", RTLD_NOW);
	printf("same handle: %d\n", a == other);
	other = attempt("by a link", "liblink.so", RTLD_NOW);
	printf("same handle: %d\n", a == other);
	other = attempt("NOLOAD of what is there", "libplugin.so", RTLD_NOW | RTLD_NOLOAD);
	printf("same handle: %d\n", a == other);
	other = attempt("a dependency by itself", "libneeded.so", RTLD_NOW);
	call(other, "needed_name");
	call(other, "plugin_name");
	plugin = attempt("NODELETE", "libsecond.so", RTLD_NOW | RTLD_NODELETE);
	call(plugin, "second_name");
	printf("dlclose: %d\n", dlclose(plugin));
	check_maps("after dlclose");
	call(plugin, "second_name");
	printf("dlclose: %d\n", dlclose(a));
	check_maps("after dlclose");
	attempt("a directory", "/", RTLD_NOW);
	attempt("no such file", "libno-such-library.so", RTLD_NOW);
	puts("end of main");
	return 0;
}

const char *exported_by_program(void);
const char *exported_by_program(void)
{
	return "the program's";
}

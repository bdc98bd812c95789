/* RTLD_LOCAL and RTLD_GLOBAL: whose definitions a later library sees. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdio.h>

#include "check_maps.h"

static void *open_library(const char *name, int flags)
{
	void *handle = dlopen(name, flags);

	printf("%s: %s\n", name, handle ? "opened" : "refused");
	dlerror();
	check_maps(name);
	return handle;
}

static void look(void *handle, const char *where, const char *name)
{
	const char *(*f)(void) = (const char *(*)(void))dlsym(handle, name);

	printf("%s in %s: %s\n", name, where, f ? f() : "not found");
	dlerror();
}

int main(void)
{
	void *user;

	open_library("libprovider.so", RTLD_NOW | RTLD_LOCAL);
	look(RTLD_DEFAULT, "the default scope", "provided");
	open_library("libuser.so", RTLD_NOW); /* needs the provider's symbol: not in its scope */
	open_library("libprovider.so", RTLD_NOW | RTLD_GLOBAL); /* promoted */
	look(RTLD_DEFAULT, "the default scope", "provided");
	user = open_library("libuser.so", RTLD_NOW);
	look(user, "the user", "used");
	open_library("libcompeting.so", RTLD_NOW | RTLD_GLOBAL); /* later: loses */
	look(RTLD_DEFAULT, "the default scope", "provided");
	look(RTLD_DEFAULT, "the default scope", "competing_view");
	look(open_library("libcompeting.so", RTLD_NOW), "itself", "provided");
	return 0;
}

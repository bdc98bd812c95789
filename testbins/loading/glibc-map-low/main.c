#define _GNU_SOURCE
#include <dlfcn.h>
#include <stdint.h>
#include <stdio.h>

const void *where_plain(void), *where_aligned(void);

static void tell(const char *what, const void *at)
{
	printf("%s: %s\n", what, (uintptr_t)at >> 31 ? "high" : "low");
}

static int tell_opened(const char *file, const char *function)
{
	void *library = dlopen(file, RTLD_NOW);
	const void *(*where)(void) = library ? (const void *(*)(void))dlsym(library, function) : NULL;

	if (!where) {
		puts(dlerror());
		return 1;
	}
	tell(file, where());
	return 0;
}

int main(void)
{
	tell("liblow.so", where_plain());
	tell("libaligned.so", where_aligned());
	tell("libc.so.6", dlsym(RTLD_DEFAULT, "environ"));
	return tell_opened("libopened.so", "where_opened") || tell_opened("libhuge.so", "where_huge");
}

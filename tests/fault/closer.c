/* dlclose while system calls fail: what nobody uses is given back, or the closing is refused with a
 * text and works the next time; either way the process goes on, and the library can be opened anew.
 * What went wrong is said on a line that begins with "BAD". */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>

#include "left.h"

#define ROUNDS 3 /* the second has all the memory that the loader keeps, the third shows it */

static int count(struct dl_phdr_info *info, size_t size, void *sum)
{
	(void)info;
	(void)size;
	return ++*(int *)sum, 0;
}

static int objects(void)
{
	int sum = 0;

	dl_iterate_phdr(count, &sum);
	return sum;
}

static void *must_open(void)
{
	void *handle = dlopen("libgood.so", RTLD_NOW);

	if (handle)
		return handle;
	print_refusal("libgood.so", dlerror());
	handle = dlopen("libgood.so", RTLD_NOW);
	if (!handle)
		printf("BAD libgood.so refused twice: %s\n", dlerror());
	return handle;
}

/* What dlclose cannot do leaves the library open, with its handle. */
static void must_close(void *handle)
{
	if (!dlclose(handle))
		return;
	print_refusal("to close libgood.so", dlerror());
	if (dlclose(handle))
		printf("BAD libgood.so not closed in two attempts: %s\n", dlerror());
}

static void gone(void *function)
{
	Dl_info info;

	if (dladdr(function, &info) && info.dli_fname && strstr(info.dli_fname, "libgood"))
		printf("BAD libgood.so: dladdr still knows it\n");
	if (dlopen("libgood.so", RTLD_NOW | RTLD_NOLOAD))
		printf("BAD libgood.so: still loaded\n");
	dlerror();
}

static void round_trip(void)
{
	int known = objects();
	void *handle = must_open();
	int (*good)(void) = (int (*)(void))(handle ? dlsym(handle, "good") : NULL);

	if (!good) {
		printf("BAD dlsym: %s\n", dlerror());
		return;
	}
	printf("good: %d\n", good());
	must_close(handle);
	gone((void *)good);
	if (objects() != known)
		printf("BAD libgood.so closed: %d objects, %d before\n", objects(), known);
	check_maps("dlclose");
}

int main(void)
{
	struct left before;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("begin");
	check_maps("start");
	for (int i = 0; i < ROUNDS; i++) {
		before = look();
		round_trip();
	}
	print_left("libgood.so", &before);
	puts("end");
	return 0;
}

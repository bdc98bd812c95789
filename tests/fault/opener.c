/* dlopen while system calls fail: each opening succeeds, or is refused with a text, leaves nothing
 * behind and succeeds the next time.  What went wrong beyond a refusal is said on a line that
 * begins with "BAD". */
#include <dlfcn.h>
#include <fcntl.h>

#include "left.h"

extern int myld_maps(int fd) __attribute__((weak));

static int trouble; /* something was refused or left behind that is not in a run without a fault */

static void refused(const char *name, const struct left *before)
{
	print_refusal(name, dlerror());
	trouble |= print_left(name, before);
}

static void *must_open(const char *name)
{
	struct left before = look();
	void *handle = dlopen(name, RTLD_NOW);

	if (handle)
		return handle;
	trouble = 1;
	refused(name, &before);
	check_maps(name);
	handle = dlopen(name, RTLD_NOW);
	if (!handle)
		printf("BAD %s refused twice: %s\n", name, dlerror());
	return handle;
}

static void must_fail(const char *name)
{
	struct left before = look();

	if (dlopen(name, RTLD_NOW))
		printf("BAD %s: opened\n", name);
	else
		refused(name, &before);
}

/* The loader keeps the memory that it grows by (registry, heap), so it grows before anything is
 * counted: twice, for one of them may be what fails. */
static void grow(void)
{
	dlopen("libhalf.so", RTLD_NOW);
	dlopen("libhalf.so", RTLD_NOW);
	dlerror();
}

/* A start that succeeded has left no message for the first dlerror: that has one line. */
static void nothing_kept(void)
{
	const char *text;

	dlopen("libnowhere.so", RTLD_NOW);
	text = dlerror();
	if (!text || strchr(text, '\n'))
		printf("BAD first reason: %s\n", text ? text : "none");
}

static void use(void *handle)
{
	int (*good)(void) = (int (*)(void))(handle ? dlsym(handle, "good") : NULL);

	if (good)
		printf("good: %d\n", good());
	else
		printf("BAD dlsym: %s\n", dlerror());
}

int main(void)
{
	int null = open("/dev/null", O_WRONLY);
	void *handle;

	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("begin");
	nothing_kept();
	grow();
	must_fail("libnowhere.so");
	must_fail("libhalf.so");
	handle = must_open("libgood.so");
	use(handle);
	grow(); /* the TLS block may have used the heap up */
	must_fail("libnowhere.so");
	must_fail("libhalf.so");
	if (must_open("libgood.so") != handle)
		puts("BAD libgood.so: another handle");
	use(handle);
	check_maps("all");
	if (trouble)
		myld_maps(null);
	puts("end");
	return 0;
}

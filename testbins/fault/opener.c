/* dlopen while system calls fail: each opening succeeds, or is refused with a text, leaves nothing behind and succeeds the
 * next time.  What went wrong beyond a refusal is said on a line that begins with "BAD". */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

extern long myld_vm_law(int all, int fd) __attribute__((weak));
extern int myld_maps(int fd) __attribute__((weak));

struct left {
	int maps, descriptors;
};

static int lines_of(const char *path)
{
	static char buf[4096];
	int fd = open(path, O_RDONLY), lines = 0;
	ssize_t n;

	while ((n = read(fd, buf, sizeof buf)) > 0)
		for (ssize_t i = 0; i < n; i++)
			lines += buf[i] == '\n';
	close(fd);
	return lines;
}

static struct left look(void)
{
	struct left l = {lines_of("/proc/self/maps"), 0};

	for (int fd = 0; fd < 256; fd++)
		l.descriptors += fcntl(fd, F_GETFD) >= 0;
	return l;
}

/* The registry is the kernel's list, and can be printed: every owner that it names is still there.  Its own reading of the
 * list may be what fails, so it is asked again. */
static void law(const char *where)
{
	long r = myld_vm_law(0, 1);

	if (r < 0)
		r = myld_vm_law(0, 1);
	if (r)
		printf("BAD law after %s: %ld\n", where, r);
}

static void refused(const char *name, const struct left *before)
{
	const char *text = dlerror();
	struct left after = look();

	if (!text || !*text)
		printf("BAD %s: no reason\n", name);
	else
		printf("refused %s: %s\n", name, text);
	if (after.maps != before->maps)
		printf("LEFT maps after %s: %d, %d before\n", name, after.maps, before->maps);
	if (after.descriptors != before->descriptors)
		printf("BAD descriptors after %s: %d, %d before\n", name, after.descriptors,
			before->descriptors);
}

static void *must_open(const char *name)
{
	struct left before = look();
	void *handle = dlopen(name, RTLD_NOW);

	if (handle)
		return handle;
	refused(name, &before);
	law(name);
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

static void use(void *handle)
{
	int (*good)(void) = (int (*)(void))(handle ? dlsym(handle, "good") : NULL);

	if (good)
		printf("good: %d\n", good());
	else
		printf("BAD dlsym: %s\n", dlerror());
}

int main(int argc, char **argv)
{
	int null = open("/dev/null", O_WRONLY);
	void *handle;

	(void)argv;
	setvbuf(stdout, NULL, _IOLBF, 0);
	puts("begin");
	/* The loader keeps the memory that it grows by (registry, heap), so it grows before anything is counted; twice, for
	 * one of them may be what fails. */
	dlopen("libhalf.so", RTLD_NOW);
	dlopen("libhalf.so", RTLD_NOW);
	dlerror();
	must_fail("libnowhere.so");
	must_fail("libhalf.so");
	handle = must_open("libgood.so");
	use(handle);
	must_fail("libnowhere.so");
	must_fail("libhalf.so");
	if (must_open("libgood.so") != handle)
		puts("BAD libgood.so: another handle");
	use(handle);
	law("all");
	if (argc > 1)
		myld_maps(null);
	puts("end");
	return 0;
}

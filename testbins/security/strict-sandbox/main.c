#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { STRICT = 1 }; /* SECCOMP_MODE_STRICT of <linux/seccomp.h> */

int plain(void);
int of_tls(void);

static int count(struct dl_phdr_info *info, size_t size, void *n)
{
	(void)info, (void)size;
	++*(int *)n;
	return 0;
}

/* A name a hundred times: more than the loader takes to make tables. */
static int look_up(void *handle)
{
	int found = 0;

	for (int i = 0; i < 100; i++)
		found += dlsym(handle, "plain") && dlsym(RTLD_DEFAULT, "malloc");
	return found;
}

static int find_addresses(void *address)
{
	Dl_info info;
	int found = 0;

	for (int i = 0; i < 100; i++)
		found += dladdr(address, &info) && info.dli_sname &&
			 dladdr((void *)(uintptr_t)malloc, &info);
	return found;
}

int main(int argc, char **argv)
{
	void *h = dlopen("./libopened.so", RTLD_NOW);
	int (*opened)(void) = h ? (int (*)(void))dlsym(h, "of_tls") : NULL;
	const char *what = argc > 1 ? argv[1] : "";
	char text[64];
	int n = -1, length;

	if (!opened)
		return 1;
	if (prctl(PR_SET_SECCOMP, STRICT))
		return 2;
	if (!strcmp(what, "lazy"))
		n = plain();
	if (!strcmp(what, "tls"))
		n = of_tls() + of_tls();
	if (!strcmp(what, "opened-tls"))
		n = opened() + opened();
	if (!strcmp(what, "dlsym"))
		n = look_up(h);
	if (!strcmp(what, "dladdr"))
		n = find_addresses((void *)(uintptr_t)opened);
	if (!strcmp(what, "iterate")) {
		n = 0;
		dl_iterate_phdr(count, &n);
		n = n > 2;
	}
	length = snprintf(text, sizeof text, "%s: %d\n", what, n);
	syscall(SYS_write, 1, text, length);
	syscall(SYS_exit, 0);
	return 0;
}

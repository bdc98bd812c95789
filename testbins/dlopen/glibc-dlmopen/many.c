/* Sixty-four namespaces at once, each with a libc that prints and allocates. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#define MANY 64

int main(void)
{
	int opened = 0, different = 0, printed = 0, closed = 0, i, out = dup(1);
	void *handles[MANY];
	Lmid_t last = 0, id;

	dup2(open("/dev/null", O_WRONLY), 1);
	for (i = 0; i < MANY; i++) {
		handles[i] = dlmopen(LM_ID_NEWLM, "./libguest.so", RTLD_NOW);
		if (!handles[i]) {
			dprintf(out, "%d: %s\n", i, dlerror());
			return 1;
		}
		opened++;
		different += !dlinfo(handles[i], RTLD_DI_LMID, &id) && id > last;
		last = id;
	}
	for (i = 0; i < MANY; i++) {
		int (*number)(void) = (int (*)(void))dlsym(handles[i], "guest_number");

		printed += number && number() > 0;
	}
	for (i = 0; i < MANY; i++)
		closed += !dlclose(handles[i]);
	dprintf(out, "%d namespaces, %d different, %d printed, %d closed\n", opened, different,
		printed, closed);
	return 0;
}

#include <dlfcn.h>
#include <link.h>
#include <stdio.h>

/* The one that a debugger is told of, by DT_DEBUG. */
static const struct r_debug *told(void)
{
	const ElfW(Dyn) *d = _DYNAMIC;

	while (d->d_tag != DT_DEBUG)
		d++;
	return (const struct r_debug *)d->d_un.d_ptr;
}

static void show(const char *when)
{
	printf("%s: state %d, of the copy %d; a copy %d, list %d\n", when, told()->r_state, _r_debug.r_state,
		&_r_debug != told(), _r_debug.r_map == told()->r_map);
}

int main(void)
{
	void *handle;

	show("main");
	handle = dlopen("./libopened.so", RTLD_NOW);
	show("opened");
	if (handle)
		dlclose(handle);
	show("closed");
	return !handle;
}

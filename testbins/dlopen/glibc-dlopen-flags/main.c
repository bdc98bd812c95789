/* One flag after another; and what dlerror says, in whom. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void *open_it(const char *what, const char *name, int flags)
{
	void *handle = dlopen(name, flags);
	const char *error = dlerror();

	printf("%s: %s\n", what, handle ? "opened" : error ? "refused" : "no message");
	return handle;
}

static void ask(void *handle, const char *name)
{
	const char *(*f)(void) = (const char *(*)(void))dlsym(handle, name);

	printf("  %s: %s\n", name, f ? f() : "not found");
	dlerror();
}

static void number(void *handle, const char *name)
{
	int (*f)(void) = (int (*)(void))dlsym(handle, name);

	printf("  %s: %d\n", name, f ? f() : -1);
	dlerror();
}

static void depth(void)
{
	void *deep = open_it("deep, not bound so", "libdeep.so", RTLD_NOW);

	ask(deep, "ask");
	ask(deep, "who");
	dlclose(deep);
	deep = open_it("deep, RTLD_DEEPBIND", "libdeep.so", RTLD_NOW | RTLD_DEEPBIND);
	ask(deep, "ask");
	printf("  default: %s\n", ((const char *(*)(void))dlsym(RTLD_DEFAULT, "who"))());
	dlclose(deep);
}

static void binding(void)
{
	void *lazy;

	open_it("undefined, RTLD_NOW", "libundefined.so", RTLD_NOW);
	lazy = open_it("undefined, RTLD_LAZY", "libundefined.so", RTLD_LAZY);
	if (lazy) {
		number(lazy, "works");
		open_it("again, RTLD_NOW", "libundefined.so", RTLD_NOW);
		dlclose(lazy);
	}
}

static void scope(void)
{
	void *global = open_it("global as local", "libglobal.so", RTLD_NOW | RTLD_LOCAL), *wants;

	open_it("wants", "libwants.so", RTLD_NOW);
	number(RTLD_DEFAULT, "global_value");
	open_it("promoted", "libglobal.so", RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
	number(RTLD_DEFAULT, "global_value");
	wants = open_it("wants", "libwants.so", RTLD_NOW);
	number(wants, "wanted");
	number(wants, "global_value");
	dlclose(global);
	number(RTLD_DEFAULT, "global_value");
	number(wants, "wanted");
}

static void loading(void)
{
	void *handle;

	open_it("NOLOAD", "libshared.so", RTLD_NOW | RTLD_NOLOAD);
	handle = open_it("NODELETE", "libshared.so", RTLD_LAZY | RTLD_NODELETE);
	printf("  close: %d\n", dlclose(handle));
	handle = open_it("NOLOAD", "libshared.so", RTLD_NOW | RTLD_NOLOAD);
	ask(handle, "who");
	open_it("no mode", "libshared.so", 0);
	open_it("program", NULL, RTLD_NOW);
	printf("  program: %d\n", dlopen("", RTLD_NOW) == dlopen(NULL, RTLD_LAZY));
}

static void *other_thread(void *unused)
{
	(void)unused;
	printf("other thread: %s\n", dlerror() ? "a message" : "no message");
	dlopen("libnot-there-either.so", RTLD_NOW);
	printf("other thread: %d\n", strstr(dlerror(), "libnot-there-either.so") != NULL);
	dlsym(RTLD_DEFAULT, "no_such_symbol");
	return NULL;
}

static void messages(void)
{
	pthread_t id;
	char *error;

	dlopen("libnot-there.so", RTLD_NOW);
	pthread_create(&id, NULL, other_thread, NULL);
	pthread_join(id, NULL);
	error = dlerror();
	printf("message: %d\n", error && strstr(error, "libnot-there.so"));
	printf("then %s\n", dlerror() ? "another" : "none");
	dlsym(RTLD_DEFAULT, "no_such_symbol");
	error = dlerror();
	printf("message: %d\n", error && strstr(error, "no_such_symbol") != NULL);
	dlsym(RTLD_DEFAULT, "no_such_symbol");
	dlsym(RTLD_DEFAULT, "printf");
	printf("after success: %s\n", dlerror() ? "a message" : "none");
}

int main(void)
{
	setvbuf(stdout, NULL, _IONBF, 0);
	depth();
	binding();
	scope();
	loading();
	messages();
	return 0;
}

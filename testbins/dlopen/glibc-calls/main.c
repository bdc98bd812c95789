/* One operation after the other; before each its name is written to a descriptor that does not exist,
 * which a trace of system calls shows. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

int plain(void);
int of_tls(void);

static void *opened;
static int (*opened_tls)(void);
static pthread_t id;

static void begin(const char *name)
{
	(void)!write(-1, name, strlen(name));
}

static int visit(struct dl_phdr_info *info, size_t size, void *data)
{
	(void)info, (void)size, (void)data;
	return 0;
}

static void *thread(void *unused)
{
	begin("first access to TLS in a thread");
	of_tls();
	opened_tls();
	begin("end of a thread");
	return unused;
}

static void open_and_close(void)
{
	begin("dlopen");
	opened = dlopen("./libopened.so", RTLD_NOW);
	begin("dlsym");
	opened_tls = (int (*)(void))dlsym(opened, "of_tls");
	begin("first access to TLS");
	opened_tls();
}

static void look(void)
{
	Dl_info info;

	begin("lazy call");
	plain();
	begin("TLS of start-up");
	of_tls();
	begin("dlsym of a missing name");
	dlsym(opened, "missing");
	begin("dlerror");
	dlerror();
	begin("dladdr");
	for (int i = 0; i < 20; i++)
		dladdr((void *)(uintptr_t)opened_tls, &info);
	begin("dl_iterate_phdr");
	dl_iterate_phdr(visit, NULL);
}

static void threads(void)
{
	begin("pthread_create");
	pthread_create(&id, NULL, thread, NULL);
	begin("pthread_join");
	pthread_join(id, NULL);
	begin("pthread_create again");
	pthread_create(&id, NULL, thread, NULL);
	pthread_join(id, NULL);
}

int main(void)
{
	begin("main");
	open_and_close();
	look();
	threads();
	begin("dlopen by name");
	dlopen("libm.so.6", RTLD_LAZY);
	begin("dlopen that fails");
	dlopen("libnowhere.so.1", RTLD_NOW);
	begin("dlclose");
	dlclose(opened);
	begin("exit");
	return 0;
}

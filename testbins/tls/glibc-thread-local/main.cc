// Closes the library while a thread still has an object of it, and looks when it really goes.
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <pthread.h>

static pthread_barrier_t turn;
static int (*touch)(int);

static void mapped(const char *when)
{
	FILE *maps = std::fopen("/proc/self/maps", "r");
	char line[1000];
	bool found = false;

	while (std::fgets(line, sizeof line, maps))
		found |= std::strstr(line, "liblocal.so") != nullptr;
	std::fclose(maps);
	std::printf("%s: mapped %d\n", when, found);
}

static void *thread(void *)
{
	std::printf("thread: %d\n", touch(10));
	pthread_barrier_wait(&turn);
	pthread_barrier_wait(&turn);
	std::printf("thread ends\n");
	return nullptr;
}

int main()
{
	pthread_t id;

	std::setvbuf(stdout, nullptr, _IONBF, 0);
	pthread_barrier_init(&turn, nullptr, 2);
	void *handle = dlopen("liblocal.so", RTLD_NOW);
	touch = reinterpret_cast<int (*)(int)>(dlsym(handle, "touch"));
	pthread_create(&id, nullptr, thread, nullptr);
	pthread_barrier_wait(&turn);
	std::printf("dlclose: %d\n", dlclose(handle));
	mapped("the thread lives");
	pthread_barrier_wait(&turn);
	pthread_join(id, nullptr);
	dlclose(dlopen("libother.so", RTLD_NOW)); // what nobody uses any more goes now
	mapped("the thread has ended");
	handle = dlopen("liblocal.so", RTLD_NOW);
	touch = reinterpret_cast<int (*)(int)>(dlsym(handle, "touch"));
	std::printf("main: %d\n", touch(20));
	std::printf("dlclose: %d\n", dlclose(handle));
	mapped("main's object lives");
	return 0;
}

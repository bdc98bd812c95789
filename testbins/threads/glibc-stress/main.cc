// Every thread checks what it gets, counts what is wrong, and says so at the end.
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <link.h>
#include <pthread.h>
#include <sys/wait.h>
#include <unistd.h>

static std::atomic<bool> stop{false};
static bool children_open;

struct worker {
	const char *name;
	long (*work)(int round);
	long wrong, rounds;
};

static const char *const files[] = {"./liba.so", "./libb.so", "./libc3.so"};

static long open_and_close(int round)
{
	int which = round % 3;
	void *handle = dlopen(files[which], round % 2 ? RTLD_NOW : RTLD_LAZY);
	auto number = handle ? reinterpret_cast<int (*)()>(dlsym(handle, "number")) : nullptr;
	auto count = handle ? reinterpret_cast<int (*)()>(dlsym(handle, "count")) : nullptr;
	long wrong = !number || number() != which + 1 || count() <= 100 * (which + 1);

	wrong += handle && dlsym(handle, "no_such_symbol");
	wrong += dlerror() == nullptr;
	return wrong + (!handle || dlclose(handle) != 0);
}

static long throw_and_catch(int round)
{
	void *handle = dlopen(files[round % 3], RTLD_NOW);
	auto fail = handle ? reinterpret_cast<void (*)(int)>(dlsym(handle, "fail")) : nullptr;
	long wrong = 1;

	if (fail)
		try {
			fail(round);
		} catch (int value) {
			wrong = value != round * 10 + round % 3 + 1;
		}
	return wrong + (!handle || dlclose(handle) != 0);
}

static int visit(dl_phdr_info *info, size_t size, void *data)
{
	long *seen = static_cast<long *>(data);
	long loads = 0;

	for (int i = 0; i < info->dlpi_phnum; i++)
		loads += info->dlpi_phdr[i].p_type == PT_LOAD;
	seen[0] += loads > 0 && info->dlpi_name && size >= sizeof(*info);
	seen[1] += 1;
	return 0;
}

static long walk(int)
{
	long seen[2] = {0, 0};

	dl_iterate_phdr(visit, seen);
	return seen[0] != seen[1] || seen[1] < 4;
}

struct object_found {
	unsigned long long flags;
	void *start, *end, *map, *tables;
	unsigned long long room[8];
};

static long find(int round)
{
	static auto find_object = reinterpret_cast<int (*)(void *, object_found *)>(
		dlsym(RTLD_DEFAULT, "_dl_find_object"));
	void *address =
		round % 2 ? reinterpret_cast<void *>(find) : reinterpret_cast<void *>(std::malloc);
	object_found found{};
	Dl_info info;
	long wrong = !dladdr(address, &info) || !info.dli_fname;

	if (find_object)
		for (int i = 0; i < 100; i++)
			wrong += find_object(address, &found) || found.start > address ||
				 found.end <= address;
	return wrong;
}

static void *short_life(void *)
{
	return reinterpret_cast<void *>(open_and_close(1));
}

static long start_and_end(int)
{
	pthread_t ids[3];
	long wrong = 0;
	void *result;

	for (auto &id : ids)
		wrong += pthread_create(&id, nullptr, short_life, nullptr) != 0;
	for (auto &id : ids)
		wrong += pthread_join(id, &result) || result;
	return wrong;
}

/* A library without constructors and destructors: those take a lock of libc's that another thread may
 * have held at the fork. */
static long open_plain()
{
	void *handle = dlopen("./libplain.so", RTLD_NOW);
	auto number = handle ? reinterpret_cast<int (*)()>(dlsym(handle, "plain")) : nullptr;

	return !number || number() != 7 || dlclose(handle) != 0;
}

static long fork_one(int)
{
	int status = -1;
	pid_t pid = fork();

	if (!pid) {
		void *memory = std::malloc(1000);

		std::free(memory);
		_exit(children_open ? static_cast<int>(open_plain() + walk(0)) : 0);
	}
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	usleep(1000);
	return status != 0;
}

static worker workers[] = {
	{"opener 0", open_and_close, 0, 0},
	{"opener 1", open_and_close, 0, 0},
	{"thrower", throw_and_catch, 0, 0},
	{"walker", walk, 0, 0},
	{"finder", find, 0, 0},
	{"starter", start_and_end, 0, 0},
	{"forker", fork_one, 0, 0},
};

static void *work(void *argument)
{
	worker *w = static_cast<worker *>(argument);

	for (int round = 0; !stop; round++, w->rounds++)
		w->wrong += w->work(round);
	return nullptr;
}

int main(int argc, char **argv)
{
	pthread_t ids[sizeof workers / sizeof *workers];
	int n = 0;

	children_open = argc > 1 && !std::strcmp(argv[1], "children");
	for (auto &w : workers)
		pthread_create(&ids[n++], nullptr, work, &w);
	usleep(1000000);
	stop = true;
	for (auto &id : ids)
		pthread_join(id, nullptr);
	for (auto &w : workers) {
		if (w.wrong || !w.rounds)
			std::printf("%s: %ld wrong of %ld\n", w.name, w.wrong, w.rounds);
		else
			std::printf("%s: nothing wrong\n", w.name);
		std::fprintf(stderr, "%s: %ld rounds\n", w.name, w.rounds);
	}
	return 0;
}

// Throws below libraries and catches above them; looks at the stack from down there.
#include "deep.h"
#include <cstdio>
#include <cstring>
#include <dlfcn.h>
#include <execinfo.h>
#include <exception>
#include <iostream>
#include <mutex>
#include <thread>
#include <unwind.h>
#include <vector>

extern "C" void descend_later(int, step);
using descend_function = void(int, step);

static void throw_failure(int n)
{
	throw failure(n, "thrown at the bottom");
}

static void throw_number(int n)
{
	throw n + 41;
}

static int frames;

static _Unwind_Reason_Code count(struct _Unwind_Context *context, void *)
{
	if (_Unwind_GetIP(context))
		frames++;
	return _URC_NO_REASON;
}

static void look(int)
{
	void *stack[100];
	int n = backtrace(stack, 100);
	char **names = backtrace_symbols(stack, n);
	int in_library = 0, in_main = 0;

	for (int i = 0; i < n; i++) {
		in_library += std::strstr(names[i], "libdeep.so(descend") != nullptr;
		in_main += std::strstr(names[i], "(main+") != nullptr;
	}
	free(names);
	frames = 0;
	_Unwind_Backtrace(count, nullptr);
	std::printf("%d frames in the library, %d of main, as many both ways %d\n", in_library,
		in_main, frames >= n - 1 && frames <= n + 1);
}

static void attempt(const char *what, descend_function *down, step bottom)
{
	try {
		down(20, bottom);
		std::printf("%s: nothing thrown\n", what);
	} catch (const failure &f) {
		std::printf("%s: %s at %d\n", what, f.what(), f.depth);
	} catch (int n) {
		std::printf("%s: number %d\n", what, n);
	}
}

static void nested(descend_function *down)
{
	try {
		try {
			down(3, throw_failure);
		} catch (failure &f) {
			f.depth += 100;
			throw;
		}
	} catch (const std::exception &e) {
		std::printf("again: %s, %d\n", e.what(), dynamic_cast<const failure &>(e).depth);
	}
}

static void in_threads(descend_function *down)
{
	std::vector<std::thread> threads;
	int caught[8] = {};
	std::once_flag once;
	int times = 0;

	for (int i = 0; i < 8; i++)
		threads.emplace_back([&, i] {
			std::call_once(once, [&] { times++; });
			for (int n = 0; n < 50; n++)
				try {
					down(5, throw_number);
				} catch (int value) {
					caught[i] += value == 42;
				}
		});
	for (auto &thread : threads)
		thread.join();
	int sum = 0;
	for (int n : caught)
		sum += n;
	std::printf("caught in threads: %d, once: %d\n", sum, times);
}

struct found {
	unsigned long long flags;
	void *start, *end;
	void *map;
	void *eh_frame;
	unsigned long long room[8];
};

static void find_object(const char *what, void *address)
{
	auto find =
		reinterpret_cast<int (*)(void *, found *)>(dlsym(RTLD_DEFAULT, "_dl_find_object"));
	found f{};

	if (!find)
		return;
	int r = find(address, &f);
	std::printf("_dl_find_object of %s: %d, around it %d, tables %d, map %d\n", what, r,
		f.start <= address && address < f.end, f.eh_frame != nullptr, f.map != nullptr);
}

int main(int argc, char **argv)
{
	std::setvbuf(stdout, nullptr, _IONBF, 0);
	if (argc > 1) {
		std::set_terminate([] {
			std::puts("nobody caught it");
			std::_Exit(6);
		});
		descend(20, argv[1][0] == 'u' ? throw_failure : throw_number);
		return 1;
	}
	void *handle = dlopen("./liblater.so", RTLD_NOW);
	auto later = reinterpret_cast<descend_function *>(dlsym(handle, "descend_later"));

	attempt("library", descend, throw_failure);
	attempt("library", descend, throw_number);
	attempt("library", descend, look);
	attempt("opened", later, throw_failure);
	nested(later);
	in_threads(descend);
	in_threads(later);
	find_object("main", reinterpret_cast<void *>(main));
	find_object("opened", reinterpret_cast<void *>(later));
	find_object("stack", &handle);
	dlclose(handle);
	find_object("what was closed", reinterpret_cast<void *>(later));
	handle = dlopen("./liblater.so", RTLD_NOW);
	later = reinterpret_cast<descend_function *>(dlsym(handle, "descend_later"));
	attempt("opened again", later, throw_number);
	std::cout << "end of main" << std::endl;
	return 0;
}

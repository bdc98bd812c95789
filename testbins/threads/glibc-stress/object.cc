// Thread-local data, a destructor, an exception.
#include <cstdlib>

static thread_local int counter = NUMBER * 100;
static int *memory;

__attribute__((constructor)) static void begin()
{
	memory = static_cast<int *>(std::malloc(sizeof(int)));
	*memory = NUMBER;
}

__attribute__((destructor)) static void end()
{
	std::free(memory);
}

extern "C" int number()
{
	return *memory;
}

extern "C" int count()
{
	return ++counter;
}

extern "C" void fail(int value)
{
	throw value * 10 + NUMBER;
}

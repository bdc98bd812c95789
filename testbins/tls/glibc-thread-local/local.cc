// Each thread that calls touch() gets an object, which goes with the thread.
#include <cstdio>

namespace
{
struct object {
	int value;
	object() : value(1)
	{
		std::printf("  object made\n");
	}
	~object()
	{
		std::printf("  object %d gone\n", value);
	}
};
thread_local object mine;
object whole;
} // namespace

extern "C" int touch(int by)
{
	mine.value += by;
	whole.value++;
	return mine.value;
}

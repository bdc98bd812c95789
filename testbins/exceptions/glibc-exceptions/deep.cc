// Goes down through as many frames, each with something to destroy, and then calls on.
#include "deep.h"
#include <cstdio>

namespace
{
struct guard {
	int depth;
	~guard()
	{
		if (depth % 10 == 0)
			std::printf("  frame %d left\n", depth);
	}
};
} // namespace

#ifdef LATER
#define NAME descend_later
#else
#define NAME descend
#endif

extern "C" __attribute__((noinline)) void NAME(int depth, step next)
{
	guard here{depth};

	if (!depth)
		next(1);
	else
		NAME(depth - 1, next);
	std::fflush(stdout);
}

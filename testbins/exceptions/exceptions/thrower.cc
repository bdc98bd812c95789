/* A library that throws through a frame with something to destroy. */
#include "thrown.h"

extern "C" int puts(const char *);

struct guard {
	~guard()
	{
		puts("destroyed on the way");
	}
};

extern "C" void NAME(int value);
extern "C" void NAME(int value)
{
	guard g;

	if (value == 1)
		throw 1;
	if (value)
		throw thrown(value);
}

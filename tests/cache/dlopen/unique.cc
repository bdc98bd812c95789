/* A plugin with a STB_GNU_UNIQUE variable that counts, and an exception of a type that several
 * plugins have. */
#include <cstdio>

extern "C" {
#define DO(n) int function_##n();
#include "functions.h"
#undef DO
#define DO(n) function_##n,
extern int (*const table[])();
int (*const table[])() = {
#include "functions.h"
};
#undef DO
}

template <class T> struct counter {
	static int count;
};
template <class T> int counter<T>::count = 10 * ID;

struct problem {
	virtual ~problem()
	{
	}
	virtual int value() const
	{
		return ID;
	}
};

__attribute__((noinline)) static void fail(int n)
{
	if (n)
		throw problem();
}

extern "C" void report(const char *name)
{
	std::printf("%s: count %d, answer %d", name, ++counter<int>::count, table[7]());
	try {
		fail(table[9]() >= 0);
	} catch (const problem &p) {
		std::printf(", caught %d", p.value());
	}
	std::printf("\n");
}

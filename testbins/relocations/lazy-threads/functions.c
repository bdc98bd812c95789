/* Functions that give back their sum of six arguments and one in a vector register. */
#include "functions.h"

#define ONE(name)                                                                          \
	long name(long a, long b, long c, long d, long e, long f, double g);               \
	long name(long a, long b, long c, long d, long e, long f, double g)                \
	{                                                                                  \
		return a + 2 * b + 3 * c + 4 * d + 5 * e + 6 * f + (long)g;                \
	}
HUNDRED

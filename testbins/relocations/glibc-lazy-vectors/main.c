/* Each function is called twice: the first call binds it. */
#include "vectors.h"
#include <complex.h>
#include <stdio.h>

#define FILL(n)                                                                                    \
	{                                                                                          \
		n, n + 1                                                                           \
	}
#define FILL4(n)                                                                                   \
	{                                                                                          \
		n, n + 1, n + 2, n + 3                                                             \
	}
#define FILL8(n)                                                                                   \
	{                                                                                          \
		n, n + 1, n + 2, n + 3, n + 4, n + 5, n + 6, n + 7                                 \
	}

static void show(const char *name, const double *lanes, int n)
{
	printf("%s:", name);
	while (n--)
		printf(" %g", *lanes++);
	puts("");
}

static void sse(void)
{
	v2 r = add2((v2)FILL(1), (v2)FILL(2), (v2)FILL(3), (v2)FILL(4), (v2)FILL(5), (v2)FILL(6),
		(v2)FILL(7), (v2)FILL(8));

	show("sse", (double *)&r, 2);
}

__attribute__((target("avx"))) static void avx(void)
{
	v4 r = add4((v4)FILL4(1), (v4)FILL4(2), (v4)FILL4(3), (v4)FILL4(4), (v4)FILL4(5),
		(v4)FILL4(6), (v4)FILL4(7), (v4)FILL4(8));
	double lanes[4] __attribute__((aligned(32)));

	*(v4 *)lanes = r;
	show("avx", lanes, 4);
}

__attribute__((target("avx512f"))) static void avx512(void)
{
	v8 r = add8((v8)FILL8(1), (v8)FILL8(2), (v8)FILL8(3), (v8)FILL8(4), (v8)FILL8(5),
		(v8)FILL8(6), (v8)FILL8(7), (v8)FILL8(8));
	double lanes[8] __attribute__((aligned(64)));

	*(v8 *)lanes = r;
	show("avx512", lanes, 8);
}

int main(void)
{
	int i;

	for (i = 0; i < 2; i++) {
		sse();
		if (__builtin_cpu_supports("avx"))
			avx();
		if (__builtin_cpu_supports("avx512f"))
			avx512();
		printf("mixed: %g\n",
			mixed(1, 2, 3, 4, &i, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16));
		printf("wide: %Lg\n", wide(3, 4.5L));
		printf("complex: %g\n",
			creal(complex_sum(1 + 2 * I, 3)) + cimag(complex_sum(2 * I, I)));
		printf("variadic: %d\n", variadic(9, 1., 2., 3., 4., 5., 6., 7., 8., 9.));
	}
	return 0;
}

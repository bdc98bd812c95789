#include "calls.h"
#include "vector.h"
#include <complex.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>

#ifdef __x86_64__
__attribute__((target("avx"))) static void call_wide(void)
{
	__m256i a = _mm256_set_epi64x(0x44, 0x33, 0x22, 0x11);
	__m256i h = _mm256_set_epi64x(0x4400, 0x3300, 0x2200, 0x1100);
	__m128i none = _mm_setzero_si128();
	__m256i r = wide(a, none, none, none, none, none, none, h);
	long long n[4];

	memcpy(n, &r, sizeof n);
	printf("wide %llx %llx %llx %llx\n", n[0], n[1], n[2], n[3]);
}

static int has_wide(void)
{
	return __builtin_cpu_supports("avx");
}
#else
static void call_wide(void)
{
}

static int has_wide(void)
{
	return 0;
}
#endif

static void *ends(void *arg)
{
	leave(arg);
	return NULL;
}

static void call_leave(void)
{
	pthread_t thread;
	void *result = NULL;
	int cleaned = 0;

	pthread_create(&thread, NULL, ends, &cleaned);
	pthread_join(thread, &result);
	printf("leave %d %d\n", cleaned, result == &cleaned);
}

static void *many_times(void *arg)
{
	long *total = arg;

	for (int i = 0; i < 2000; i++)
		*total += ints(i, 2, 3, 4, 5, 6, 7, 8, 9) + (long)pair((struct two){i, i}).real;
	return NULL;
}

static void call_in_threads(void)
{
	pthread_t thread[4];
	long total[4] = {0};

	for (int i = 0; i < 4; i++)
		pthread_create(&thread[i], NULL, many_times, &total[i]);
	for (int i = 0; i < 4; i++)
		pthread_join(thread[i], NULL);
	printf("threads %d %ld\n", total[0] == total[1] && total[1] == total[2] && total[2] == total[3],
		total[0]);
}

static void call_extended(void)
{
	_Complex long double c;

	for (int i = 0; i < 5; i++)
		printf("extended %.15Lg\n", extended(i + 10));
	c = two_extended(1.5L, 2.5L);
	printf("two extended %Lg %Lg\n", creall(c), cimagl(c));
}

int main(int argc, char **argv)
{
	struct many m;

	if (argc > 1 && !strcmp(argv[1], "threads")) {
		call_in_threads();
		call_leave();
		return 0;
	}
	if (argc > 1 && !strcmp(argv[1], "extended")) {
		call_extended();
		return 0;
	}
	setbuf(stdout, NULL);
	printf("ints %ld\n", ints(1, 2, 3, 4, 5, 6, 7, 8, 9));
	printf("reals %g\n", reals(1, 2, 3, 4, 5, 6, 7, 8, 9));
	printf("pair %ld\n", pair((struct two){7, 2.5}).whole);
	m = many((struct many){{1, 2, 3, 4, 5, 6}}, 3);
	printf("many %ld %ld\n", m.n[0], m.n[5]);
	printf("sum %ld\n", sum(14, 1, 2.0, 3, 4.0, 5, 6.0, 7, 8.0, 9, 10.0, 11, 12.0, 13, 14.0));
	printf("changed %d\n", changed(1, 2));
	printf("frames %d\n", frames());
	for (int i = 0; i < 3; i++)
		printf("unasked %d\n", unasked(i));
	for (int i = 0; i < 3; i++)
		printf("once %d\n", once(i));
	if (has_wide())
		call_wide();
	return 0;
}

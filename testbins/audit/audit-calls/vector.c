#include "vector.h"

#ifdef __x86_64__
__m256i wide(__m256i a, __m128i b, __m128i c, __m128i d, __m128i e, __m128i f, __m128i g, __m256i h)
{
	(void)b, (void)c, (void)d, (void)e, (void)f, (void)g;
	return (__m256i)_mm256_xor_pd((__m256d)a, (__m256d)h);
}
#else
int wide;
#endif

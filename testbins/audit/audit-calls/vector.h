/* A function with vectors as wide as the processor's, in the first and the last register for them. */
#ifdef __x86_64__
#include <immintrin.h>

__attribute__((target("avx"))) __m256i wide(
	__m256i a, __m128i b, __m128i c, __m128i d, __m128i e, __m128i f, __m128i g, __m256i h);
#endif

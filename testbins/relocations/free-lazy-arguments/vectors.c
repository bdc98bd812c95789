/* Which widths this machine has. */
#include "vectors.h"

void call_16(void), call_32(void), call_64(void), call_scalable(void);

void call_vectors(void)
{
	call_16();
#if defined __x86_64__
	__builtin_cpu_init();
	if (__builtin_cpu_supports("avx"))
		call_32();
	if (__builtin_cpu_supports("avx512f"))
		call_64();
#elif defined __aarch64__
	call_scalable();
#endif
}

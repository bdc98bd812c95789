/* libc's own functions, counted for each thread. */
#include <stddef.h>

void *__libc_malloc(size_t n);
void *__libc_calloc(size_t n, size_t m);
void *__libc_realloc(void *p, size_t n);
void __libc_free(void *p);

__thread unsigned counted, cleared;

void *malloc(size_t n)
{
	counted++;
	return __libc_malloc(n);
}

void *calloc(size_t n, size_t m)
{
	counted++;
	cleared++;
	return __libc_calloc(n, m);
}

void *realloc(void *p, size_t n)
{
	counted++;
	return __libc_realloc(p, n);
}

void free(void *p)
{
	counted++;
	__libc_free(p);
}

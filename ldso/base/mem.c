/* mem.c: memory and string functions, as <string.h> defines them.
 *
 * Short loops over words: the loader copies little (TLS images, COPY relocations, names).  Built
 * with -ffreestanding and -fno-tree-loop-distribute-patterns, without which the compiler would turn
 * the loops into calls to themselves.
 */
#include <stdint.h>

#include "base/mem.h"

/* A word that may alias anything. */
typedef uintptr_t __attribute__((may_alias)) word;

void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if (!(((uintptr_t)d | (uintptr_t)s) % sizeof(word)))
		for (; n >= sizeof(word); n -= sizeof(word), d += sizeof(word), s += sizeof(word))
			*(word *)d = *(const word *)s;
	while (n--)
		*d++ = *s++;
	return to;
}

void *memmove(void *to, const void *from, size_t n)
{
	unsigned char *d = to;
	const unsigned char *s = from;

	if ((uintptr_t)d - (uintptr_t)s >= n)
		return memcpy(to, from, n);
	while (n--)
		d[n] = s[n];
	return to;
}

void *memset(void *to, int byte, size_t n)
{
	unsigned char *d = to;
	word fill = (word)-1 / 255 * (unsigned char)byte;

	for (; n && (uintptr_t)d % sizeof(word); n--)
		*d++ = (unsigned char)byte;
	for (; n >= sizeof(word); n -= sizeof(word), d += sizeof(word))
		*(word *)d = fill;
	while (n--)
		*d++ = (unsigned char)byte;
	return to;
}

int memcmp(const void *a, const void *b, size_t n)
{
	const unsigned char *x = a, *y = b;
	uint64_t s, t;

	for (; n >= sizeof s; n -= sizeof s, x += sizeof s, y += sizeof s) {
		__builtin_memcpy(&s, x, sizeof s);
		__builtin_memcpy(&t, y, sizeof t);
		if (s != t)
			break;
	}
	for (; n; n--, x++, y++)
		if (*x != *y)
			return *x - *y;
	return 0;
}

size_t strlen(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	return n;
}

size_t strnlen(const char *s, size_t max)
{
	size_t n = 0;

	while (n < max && s[n])
		n++;
	return n;
}

int strcmp(const char *a, const char *b)
{
	while (*a && *a == *b)
		a++, b++;
	return (unsigned char)*a - (unsigned char)*b;
}

int strncmp(const char *a, const char *b, size_t n)
{
	for (; n && *a && *a == *b; n--)
		a++, b++;
	return n ? (unsigned char)*a - (unsigned char)*b : 0;
}

char *strchr(const char *s, int c)
{
	for (; *s != (char)c; s++)
		if (!*s)
			return NULL;
	return (char *)s;
}

char *strrchr(const char *s, int c)
{
	const char *found = NULL;

	for (;; s++) {
		if (*s == (char)c)
			found = s;
		if (!*s)
			return (char *)found;
	}
}

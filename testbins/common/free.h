/* free.h: what fixtures without a libc need: system calls by number and output of text and numbers.
 * Also check_maps() of check_maps.h, for programs that have no stdio.
 */
#ifndef FREE_H
#define FREE_H

#include <stddef.h>
#include <stdint.h>

#if defined __x86_64__
enum { SYS_write = 1, SYS_exit_group = 231 };
static inline long syscall3(long n, long a, long b, long c)
{
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(n), "D"(a), "S"(b), "d"(c)
			 : "rcx", "r11", "memory");
	return r;
}
#elif defined __aarch64__
enum { SYS_write = 64, SYS_exit_group = 94 };
static inline long syscall3(long n, long a, long b, long c)
{
	register long x8 __asm__("x8") = n, x0 __asm__("x0") = a, x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;

	__asm__ volatile("svc #0" : "+r"(x0) : "r"(x8), "r"(x1), "r"(x2) : "memory");
	return x0;
}
#elif defined __riscv
enum { SYS_write = 64, SYS_exit_group = 94 };
static inline long syscall3(long n, long a, long b, long c)
{
	register long a7 __asm__("a7") = n, a0 __asm__("a0") = a, a1 __asm__("a1") = b;
	register long a2 __asm__("a2") = c;

	__asm__ volatile("ecall" : "+r"(a0) : "r"(a7), "r"(a1), "r"(a2) : "memory");
	return a0;
}
#endif

static inline void put(const char *s)
{
	size_t n = 0;

	while (s[n])
		n++;
	syscall3(SYS_write, 1, (long)s, (long)n);
}

static inline void put_number(long v)
{
	char text[24], *p = text + sizeof(text) - 1;
	unsigned long u = v < 0 ? -(unsigned long)v : (unsigned long)v;

	*p = 0;
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (v < 0)
		*--p = '-';
	put(p);
}

/* "name = value\n" */
static inline void show(const char *name, long value)
{
	put(name);
	put(" = ");
	put_number(value);
	put("\n");
}

#include "loader_maps.h"

static inline void check_maps(const char *where)
{
	if (&myld_check_maps && (WRONG_LOADER_MAPS || myld_check_maps(1, 2))) {
		put("maps differ from the registry ");
		put(where);
		put("\n");
	}
}

#endif

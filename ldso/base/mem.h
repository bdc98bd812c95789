/* mem.h: the few functions of <string.h> that the loader and its compiler need.
 *
 * The compiler emits calls to memcpy, memmove, memset and memcmp even with -ffreestanding, so they
 * exist under those names; all are hidden, and none uses a vector register (a lazy binding must
 * leave those alone).
 */
#ifndef MEM_H
#define MEM_H

#include <stddef.h>

/* The number of elements of an array. */
#define COUNT(array) (sizeof(array) / sizeof *(array))

/* For large memory of which a start touches little, in the definition of a variable that is not static: a
 * common symbol, which the linker puts behind all of .bss, so that the variables that each start touches
 * share pages. */
#define LAST_IN_BSS __attribute__((common))

void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *to, int byte, size_t n);
int memcmp(const void *a, const void *b, size_t n);
size_t strlen(const char *s);
size_t strnlen(const char *s, size_t max);
int strcmp(const char *a, const char *b);
int strncmp(const char *a, const char *b, size_t n);
char *strchr(const char *s, int c);
char *strrchr(const char *s, int c);

#endif

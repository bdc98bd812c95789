/* vector.h: the vector of a new process, as a kernel makes it, read by config_read().
 *
 * It lies at the end of a malloc'ed block, so that the sanitizer sees a word read or written behind
 * it.
 */
#ifndef VECTOR_H
#define VECTOR_H

#include "state/config.h"

/* Entries: the loader's own, and another one. */
enum { SELF = 0x1000, OTHER = 0x2000 };

#define WORDS(...) ((const char *const[]){__VA_ARGS__, NULL})

struct vector {
	uintptr_t *stack;
	size_t words;
	struct config config;
};

extern struct vector made; /* the last one */

/* Reads argv and envp (each ends with NULL) with an auxiliary vector around the given entry. */
struct config *read_vector(
	const char *const *argv, const char *const *envp, uintptr_t entry, uintptr_t secure);
struct config *as_command(const char *const *argv);
struct config *as_interp(const char *const *envp);

size_t count_words(const char *const *words);

/* For cmocka: a group's end. */
int forget_vector(void **state);

#endif

/* fake_loader.h: a struct loader to test with: empty, with memory (fake_memory.h), a registry over the
 * kernel, and a libc that has no rules of its own.
 */
#ifndef FAKE_LOADER_H
#define FAKE_LOADER_H

#include "lib/fake_memory.h"
#include "state/libc.h"

enum { FAKE_PAGE = 4096 };

/* The loader's default libc. */
extern const struct libc_abi fake_abi;

void fake_loader_init(struct loader *ld);
/* Frees all memory and unmaps what was not there before (VM_FOREIGN). */
void fake_loader_free(struct loader *ld);

/* All messages must be just this; they are forgotten. */
void fake_assert_message(struct loader *ld, const char *expected);
/* The messages have this in them; they are forgotten. */
void fake_assert_says(struct loader *ld, const char *part);

#endif

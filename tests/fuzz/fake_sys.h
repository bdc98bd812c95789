/* fake_sys.h: files in memory, and an address space that is watched.
 *
 * The files are those of a few paths; every other path does not exist.  Their times never change.
 * Segments are real memory, so that a read beyond one is a real fault, but none may come to lie
 * where the loader was not given a place before: that is the fuzzer's own.
 */
#ifndef FAKE_SYS_H
#define FAKE_SYS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/area.h"

void fake_reset(void); /* forgets files, unmaps everything, frees arenas and heap */
void fake_add(const char *path, const void *data, size_t size);
size_t fake_mapped(void); /* bytes */
unsigned fake_open(void); /* descriptors that are not closed */

extern const struct vm_backend fake_backend;

/* Addresses that were given since the last fake_reset() are free from now on, for who asks for one.
 */
void fake_keep(void);

/* The one directory that can be written to: its files are those whose paths begin so. */
#define FAKE_DIRECTORY "/store/myld/"
/* The i-th file of it, in the order in which they came; false: there are not so many. */
bool fake_file(size_t i, const char **path, const void **data, size_t *size);

#endif

/* hash.h: hashes and checksums. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

/* The 64-bit FNV-1a hash (Fowler, Noll, Vo) of n bytes, for short texts: it goes byte by byte. */
uint64_t hash_text(const char *text, size_t n);

/* A checksum of n bytes, computed from eight bytes at a time.  To sum several pieces, pass the sum
 * of one as the seed of the next. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);

/* The hash used by DT_GNU_HASH; sets *size to the bytes of the name with its final 0. */
uint32_t hash_gnu(const char *name, uint32_t *size);

/* The hash used by DT_HASH (gABI, "Hash Table") and by symbol versions (LSB 5, "Symbol
 * Versioning"). */
uint32_t hash_sysv(const char *name);

#endif

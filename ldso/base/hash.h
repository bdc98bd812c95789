/* hash.h: numbers for runs of bytes. */
#ifndef HASH_H
#define HASH_H

#include <stddef.h>
#include <stdint.h>

/* FNV-1a over 64 bits (Fowler, Noll, Vo): for names.  Byte by byte. */
uint64_t hash_text(const char *text, size_t n);

/* A checksum of n bytes, eight at a time.  A seed joins several pieces: the sum of one is the seed
 * of the next. */
uint64_t hash_bytes(const void *data, size_t n, uint64_t seed);

/* The hash of DT_GNU_HASH; *size: bytes of the name with its final 0. */
uint32_t hash_gnu(const char *name, uint32_t *size);

/* The hash of DT_HASH (gABI, "Hash Table"), which versions are known by, too. */
uint32_t hash_sysv(const char *name);

#endif

/* cache.h: /etc/ld.so.cache, ldconfig's list of libraries. */
#ifndef CACHE_H
#define CACHE_H

#include "state/loader.h"

struct cache_entry;

struct cache {
	/* The file as it was last looked at, by cache_open(). */
	const char *file; /* mapped; NULL: there is none that can be read */
	uint64_t dev, ino, size;
	bool asked;

	/* Set by cache_read(). */
	uint32_t strings_end; /* offset of the strings' end; the byte before it is 0 */
	const char *strings;  /* what the offsets of all strings count from */
	const struct cache_entry *entries;
	const uint32_t *subdirs; /* names below glibc-hwcaps */
	uint32_t count, nsubdirs;
};

/* Makes c->file the world's cache as it is now.  0, also when there is none or it is broken (which
 * LD_DEBUG=libs tells); a negative errno in a shortage. */
int cache_open(struct loader *ld, struct cache *c);

/* Checks size bytes at `file` and takes them in.  NULL, or what is wrong with them. */
const char *cache_read(struct cache *c, const char *file, size_t size);

/* The path of the best library of this name for this machine, or NULL. */
const char *cache_find(const struct cache *c, const char *name, struct loader *ld);

#endif

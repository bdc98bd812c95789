/* ldcache.h: /etc/ld.so.cache, ldconfig's list of libraries. */
#ifndef LDCACHE_H
#define LDCACHE_H

#include "state/loader.h"

struct ldcache_entry;

struct ldcache {
	/* The file as it was last looked at, by ldcache_open(). */
	const char *file; /* mapped; NULL: there is none that can be read */
	uint64_t dev, ino, size;
	bool asked;

	/* Set by ldcache_read(). */
	uint32_t strings_end; /* offset of the strings' end; the byte before it is 0 */
	const char *strings;  /* what the offsets of all strings count from */
	const struct ldcache_entry *entries;
	const uint32_t *subdirs; /* names below glibc-hwcaps */
	uint32_t count, nsubdirs;
};

/* Makes c->file the world's cache as it is now.  0, also when there is none or it is broken (which
 * LD_DEBUG=libs tells); a negative errno in a shortage. */
int ldcache_open(struct loader *ld, struct ldcache *c);

/* Checks size bytes at `file` and takes them in.  NULL, or what is wrong with them. */
const char *ldcache_read(struct ldcache *c, const char *file, size_t size);

/* The path of the best library of this name for this machine, or NULL. */
const char *ldcache_find(const struct ldcache *c, const char *name, struct loader *ld);

#endif

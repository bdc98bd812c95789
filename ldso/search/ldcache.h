/* ldcache.h: /etc/ld.so.cache, ldconfig's list of libraries. */
#ifndef LDCACHE_H
#define LDCACHE_H

#include "state/loader.h"

struct ldcache_entry;

struct ldcache {
	const char *file; /* mapped; NULL: there is none that can be read */
	uint64_t size;    /* bytes */
	bool opened;

	/* Set by ldcache_read(). */
	uint32_t strings_end; /* offset of the strings' end; the byte before it is 0 */
	const char *strings;  /* the base of all string offsets */
	const struct ldcache_entry *entries;
	const uint32_t *subdirs; /* names below glibc-hwcaps */
	uint32_t count, nsubdirs;
};

/* Maps the libc ABI's cache file, if that has not been done since ldcache_close().  0, also if it is
 * broken, which LD_DEBUG=libs shows; otherwise -errno, of which search_is_shortage() tells what ends
 * a search. */
int ldcache_open(struct loader *ld, struct ldcache *c);

/* Unmaps the file, with the paths that ldcache_find() has returned. */
void ldcache_close(struct loader *ld, struct ldcache *c);

/* Checks size bytes at `file`, which must stay mapped, and sets *c's fields to refer to them.
 * Returns NULL, or what is wrong with them: it is not an error, since the search goes on without
 * the file. */
const char *ldcache_read(struct ldcache *c, const char *file, size_t size);

/* The path of the best library of this name for this machine, in the mapped file; or NULL. */
const char *ldcache_find(const struct ldcache *c, const char *name, struct loader *ld);

#endif

/* cache.c: the input is an ld.so.cache, mapped as the loader maps it; names that are in it and some
 * that may not be are looked for.
 */
#include <stdlib.h>
#include <string.h>

#include "search/ldcache.h"
#include "fake_sys.h"
#include "harness.h"
#include "state/words.h"

enum { NAMES = 64, MOST = 65536 };

const unsigned regions = 0;

static const struct libc_abi of_cache = {
	.name = "cache", .words = &words_of_ldso, .cache_file = INPUT};

/* Every path ends within the strings. */
static void find(struct loader *ld, const struct ldcache *c, const char *name)
{
	const char *path = ldcache_find(c, name, ld);

	if (!path)
		return;
	expect(path >= c->strings && path < c->strings + c->strings_end);
	expect(path + strlen(path) < c->strings + c->strings_end);
}

/* The same without the page behind the file, so that the sanitizer sees each byte too many. */
static void exact(struct loader *ld)
{
	struct ldcache c = {0};
	char *all = malloc(MOST);
	int fd = sys_open(INPUT);
	long n = sys_pread(fd, all, MOST, 0);

	sys_close(fd);
	all = realloc(all, n ? (size_t)n : 1);
	if (!ldcache_read(&c, all, (size_t)n)) {
		find(ld, &c, "libc.so.6");
		for (size_t i = 0; i < NAMES && i < c.strings_end; i++) {
			const char *name = c.strings + c.strings_end - 1 - i;

			find(ld, &c, name);
		}
	}
	free(all);
}

void fuzz(struct loader *ld)
{
	struct ldcache c = {0};

	ld->abi = &of_cache;
	expect(ldcache_open(ld, &c) == 0);
	find(ld, &c, "libc.so.6");
	ld->phase = PHASE_RUNNING;
	expect(ldcache_open(ld, &c) == 0);
	find(ld, &c, "libm.so.6");
	exact(ld);
}

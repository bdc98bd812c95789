/* nocache.c: replaces cache/ and cli/cache/ in a build without these folders (make CACHE=no): no
 * start and no dlopen is recorded.
 */
#include "cache/cache.h"
#include "cli/cache/commands.h"

int cache_load(struct loader *ld)
{
	(void)ld;
	return 0;
}

void cache_loaded(struct loader *ld)
{
	(void)ld;
}

int cache_prepare(struct loader *ld)
{
	(void)ld;
	return 0;
}

void cache_end(struct loader *ld)
{
	(void)ld;
}

void cache_dlopen_begin(struct loader *ld, const struct dso *before, enum binding binding)
{
	(void)ld, (void)before, (void)binding;
}

void cache_dlopen_end(struct loader *ld, enum bound relocated)
{
	(void)ld, (void)relocated;
}

int cache_command(struct loader *ld)
{
	return fail(ld, "--cache: this build of myld.so has no cache (make CACHE=no)");
}

void cache_each_program(struct loader *ld)
{
	(void)ld;
}

int cache_build(struct loader *ld)
{
	return cache_command(ld);
}

int cache_built(struct loader *ld)
{
	return cache_command(ld);
}

int cache_why(struct loader *ld)
{
	return cache_command(ld);
}

void cache_print_diagnostics(const struct loader *ld)
{
	(void)ld;
	print(1, "cache.use=\"none\"\n");
}

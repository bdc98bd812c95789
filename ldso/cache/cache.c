/* cache.c: the steps of a start that concern the cache; see cache.h. */
#include "cache/cache.h"
#include "cache/key.h"
#include "cache/miss.h"
#include "cache/record.h"
#include "cache/replay.h"

/* What this start does with the cache. */
static enum { NO_CACHE, RECORDING, REPLAYING } cache_use;

struct attempt {
	struct replay *replay;
	char key[KEY_LIMIT];
	size_t n;
};

/* Opens the plan in the store s.  The key is not made before a store is found. */
static bool open_plan(struct loader *ld, const struct store *s, void *arg)
{
	struct attempt *a = arg;

	if (!a->replay) {
		a->replay = arena_alloc(&ld->scratch, sizeof *a->replay);
		a->n = key_of_start(ld, a->key);
	}
	return a->replay && a->n < sizeof a->key && replay_open(ld, a->replay, s, a->key, a->n);
}

int cache_load(struct loader *ld)
{
	struct attempt a = {0};
	struct store store;

	if (ld->config.mode != MODE_RUN || key_excluded(ld))
		return 0;
	cache_use = NO_CACHE;
	if (store_search(ld, open_plan, &a, &store)) {
		cache_use = REPLAYING;
		miss_forget();
		return replay_begin(ld, a.replay) < 0 ? -1 : 1;
	}
	if (store.dir < 0)
		return 0;
	if (a.n < sizeof a.key &&
		record_begin(ld, &store, a.key, a.n,
			ld->config.cache == CACHE_SNAPSHOT ? RECORD_SNAPSHOT : RECORD_BINDINGS))
		cache_use = RECORDING;
	else
		store_close(&store);
	return 0;
}

void cache_loaded(struct loader *ld)
{
	if (cache_use == RECORDING)
		record_objects(ld);
	if (!ld->bindings)
		cache_use = NO_CACHE;
}

int cache_prepare(struct loader *ld)
{
	return cache_use == REPLAYING ? replay_prepare(ld, (struct replay *)ld->bindings) : 0;
}

void cache_end(struct loader *ld)
{
	if (cache_use == RECORDING)
		record_end(ld);
	ld->bindings = NULL;
}

int cache_record(struct loader *ld, const struct store *store, const char *key, size_t n)
{
	bool pages = ld->config.cache != CACHE_BINDINGS && !ld->config.cache_by_build_id;

	if (!record_begin(ld, store, key, n, pages ? RECORD_SNAPSHOT : RECORD_BINDINGS))
		return fail(ld, "%s: no plan: %s", ld->program->path, miss_reason());
	cache_use = RECORDING;
	return 0;
}

/* cache.c: a start and a dlopen, as the cache takes part in them; see cache.h. */
#include "cache/cache.h"
#include "cache/key.h"
#include "cache/miss.h"
#include "cache/record.h"
#include "cache/replay.h"

/* What this start does with the cache. */
static enum { PLAIN, RECORDS, REPLAYS } part;

struct attempt {
	struct replay *replay;
	char key[KEY_LIMIT];
	size_t n;
};

/* The key is made when there is a store to look into. */
static bool follow(struct loader *ld, const struct store *s, void *arg)
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
	part = PLAIN;
	if (store_search(ld, follow, &a, &store)) {
		part = REPLAYS;
		miss_forget();
		return replay_begin(ld, a.replay) < 0 ? -1 : 1;
	}
	if (store.dir < 0)
		return 0;
	if (a.n < sizeof a.key &&
		record_begin(ld, &store, a.key, a.n,
			ld->config.cache == CACHE_SNAPSHOT ? RECORD_SNAPSHOT : RECORD_BINDINGS))
		part = RECORDS;
	else
		store_close(&store);
	return 0;
}

void cache_loaded(struct loader *ld)
{
	if (part == RECORDS)
		record_objects(ld);
	if (!ld->bindings)
		part = PLAIN;
}

int cache_prepare(struct loader *ld)
{
	return part == REPLAYS ? replay_prepare(ld, (struct replay *)ld->bindings) : 0;
}

void cache_end(struct loader *ld)
{
	if (part == RECORDS)
		record_end(ld);
	ld->bindings = NULL;
}

int cache_record(struct loader *ld, const struct store *store, const char *key, size_t n)
{
	bool pages = ld->config.cache != CACHE_BINDINGS && !ld->config.cache_by_build_id;

	if (!record_begin(ld, store, key, n, pages ? RECORD_SNAPSHOT : RECORD_BINDINGS))
		return fail(ld, "%s: no plan: %s", ld->program->path, miss_reason());
	part = RECORDS;
	return 0;
}

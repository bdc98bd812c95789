/* commands.c: myld.so --cache; see commands.h. */
#include "cli/cache/commands.h"
#include "base/mem.h"
#include "cache/cache.h"
#include "cache/key.h"
#include "cache/miss.h"
#include "cache/program_file.h"
#include "cache/replay.h"
#include "cache/store.h"
#include "cli/cache/inventory.h"
#include "state/libc.h"

#define SETTLING ((int64_t)25 * 1000000) /* nanoseconds; see identity_is_settled() */

static enum store_place place_of(const struct loader *ld)
{
	return ld->config.cache_system ? STORE_SYSTEM : STORE_USER;
}

static int fail_store(struct loader *ld, const struct store *s, int e)
{
	char text[STORE_TEXT];

	store_describe(ld, s, e, text);
	return fail(ld, "%s", text);
}

static int open_store(struct loader *ld, struct store *s)
{
	int e = store_open(ld, place_of(ld), s);

	return e < 0 ? fail_store(ld, s, e) : 0;
}

/* ---- The directory ---- */

static int make_directory(struct loader *ld, const char *path, unsigned mode)
{
	int e = sys_mkdir(path, mode);

	/* umask(2) may have removed permissions that the system's directory needs. */
	if (e == 0)
		e = sys_chmod(path, mode);
	if (e < 0 && e != -SYS_EEXIST)
		return fail(ld, "%s: cannot be created: %s", path, errno_text(e));
	return 0;
}

/* Makes a directory and its missing parents. */
static int make_directories(struct loader *ld, char *path, unsigned mode)
{
	for (char *p = path + 1; *p; p++) {
		int r = 0;

		if (*p != '/')
			continue;
		*p = 0;
		r = make_directory(ld, path, mode);
		*p = '/';
		if (r < 0)
			return -1;
	}
	return make_directory(ld, path, mode);
}

static int set_limit(struct loader *ld, const struct store *s)
{
	const char *text = ld->config.cache_limit;
	uint64_t bytes;
	int e;

	if (!text)
		return 0;
	if (!store_size(text, &bytes))
		return fail(ld, "--limit: \"%s\", expected a number of bytes, or one and K, M or G",
			text);
	e = store_put(s, text, strlen(text), STORE_LIMIT_FILE);
	if (e < 0)
		return fail(ld, "--limit: %s", errno_text(e));
	store_trim(ld, s, "", "");
	return 0;
}

static int enable(struct loader *ld)
{
	char path[STORE_PATH], text[STORE_TEXT];
	struct store s;
	int e = store_open(ld, place_of(ld), &s), r;
	bool made = e == -SYS_ENOENT && store_path(ld, place_of(ld), path, sizeof path);

	if (made) {
		if (make_directories(ld, path, s.own ? 0700 : 0755) < 0)
			return -1;
		e = store_open(ld, place_of(ld), &s);
	}
	if (e < 0)
		return fail_store(ld, &s, e);
	r = set_limit(ld, &s);
	store_describe(ld, &s, e, text);
	print(1, "%s; %s; at most %zuK\n", text, made ? "created" : "already existed",
		(size_t)(store_limit(ld, &s) >> 10));
	store_close(&s);
	return r;
}

struct removal {
	const struct store *store;
	bool settings; /* including STORE_SETTING */
	size_t count;
};

static void remove_one(void *arg, const char *name)
{
	struct removal *r = arg;
	enum store_kind kind = store_kind(name);

	if (kind == STORE_FOREIGN || (kind == STORE_SETTING && !r->settings))
		return;
	if (sys_unlink_in(r->store->dir, name) == 0)
		r->count++;
}

/* Removes the store's files; -1 (reported) if the directory cannot be read. */
static int remove_files(struct loader *ld, struct removal *r)
{
	size_t before;
	int e;

	/* A removal during the walk may cause other names to be skipped. */
	do {
		before = r->count;
		e = store_names(r->store, remove_one, r);
	} while (e == 0 && r->count > before);
	return e < 0 ? fail(ld, "the directory cannot be read: %s", errno_text(e)) : 0;
}

static int clear(struct loader *ld)
{
	struct store s;
	struct removal removal = {.store = &s};
	char path[STORE_PATH];
	int r;

	if (open_store(ld, &s) < 0)
		return -1;
	store_path(ld, place_of(ld), path, sizeof path);
	if (!store_is_writable(&s))
		r = fail(ld, "%s: owner %u: cannot be cleared by this user", path, s.info.uid);
	else
		r = remove_files(ld, &removal);
	store_close(&s);
	if (r == 0)
		print(1, "%s: %zu files removed\n", path, removal.count);
	return r;
}

static int disable(struct loader *ld)
{
	struct store s;
	struct removal removal = {.store = &s, .settings = true};
	char path[STORE_PATH];
	int r, e;

	if (open_store(ld, &s) < 0)
		return -1;
	r = remove_files(ld, &removal);
	store_close(&s);
	if (r < 0)
		return -1;
	store_path(ld, place_of(ld), path, sizeof path);
	e = sys_rmdir(path);
	if (e < 0)
		return fail(ld, "%s: %zu files removed, but not the directory: %s", path,
			removal.count, errno_text(e));
	print(1, "%s: removed with %zu files\n", path, removal.count);
	return 0;
}

/* ---- Contents ---- */

/* Calls look() with each existing directory; returns 1 if one, or anything in one, is damaged. */
static int inspect(struct loader *ld, int (*look)(struct loader *ld, const struct store *s))
{
	int worst = 0;

	for (int place = ld->config.cache_system ? STORE_SYSTEM : STORE_USER; place <= STORE_SYSTEM;
		place++) {
		char text[STORE_TEXT];
		struct store s;
		int e = store_open(ld, (enum store_place)place, &s), r;

		store_describe(ld, &s, e, text);
		print(1, "%s\n", text);
		if (e == -SYS_EPERM)
			worst = 1;
		if (e < 0)
			continue;
		r = look(ld, &s);
		if (r < 0)
			return fail(ld, "%s: %s", text, errno_text(r));
		worst |= r;
		store_close(&s);
	}
	return worst;
}

int cache_command(struct loader *ld)
{
	switch (ld->config.mode) {
	case MODE_CACHE_ENABLE: return enable(ld);
	case MODE_CACHE_DISABLE: return disable(ld);
	case MODE_CACHE_LIST: return inspect(ld, inventory_list);
	case MODE_CACHE_VERIFY: return inspect(ld, inventory_verify);
	default: return clear(ld);
	}
}

void cache_print_diagnostics(const struct loader *ld)
{
	static const char uses[][9] = {
		[CACHE_SNAPSHOT] = "snapshot", [CACHE_BINDINGS] = "bindings", [CACHE_OFF] = "off"};

	print(1, "cache.use=\"%s\"\n", uses[ld->config.cache]);
	for (int place = STORE_USER; place <= STORE_SYSTEM; place++) {
		char text[STORE_TEXT];
		struct store s;
		int e = store_open(ld, (enum store_place)place, &s);

		store_describe(ld, &s, e, text);
		print(1, "cache.%s=\"%s\"\n", s.own ? "user" : "system", text);
		if (e == 0)
			store_close(&s);
	}
}

/* ---- Programs ---- */

void cache_each_program(struct loader *ld)
{
	struct config *c = &ld->config;
	long worst = 0;

	/* Files that a previous step (of an image build, say) has just written get settled
	 * times. */
	sys_sleep(SETTLING);
	for (int i = 0; c->argc > 1 && i < c->argc; i++) {
		long pid = sys_fork(), status;

		if (!pid) {
			c->program = i ? c->argv[i] : c->program;
			return;
		}
		status = pid < 0 ? pid : sys_wait(pid);
		if (status < 0)
			print(2, "myld.so: %s: cannot fork: %s\n", c->argv[i], errno_text(status));
		worst = status < 0 ? 127 : status > worst ? status : worst;
	}
	if (c->argc > 1)
		sys_exit((int)worst);
}

static int make_key(struct loader *ld, char *key, size_t *n)
{
	const char *excluded = key_excluded(ld);

	if (excluded)
		return fail(ld, "%s: not cached because of %s", ld->program->path, excluded);
	*n = key_of_start(ld, key);
	if (*n >= KEY_LIMIT)
		return fail(ld,
			"%s: not cached: its path and the relevant variables have "
			"%zu bytes, expected less than %u",
			ld->program->path, *n, KEY_LIMIT);
	return 0;
}

int cache_build(struct loader *ld)
{
	char key[KEY_LIMIT];
	struct store s;
	size_t n;

	if (make_key(ld, key, &n) < 0 || open_store(ld, &s) < 0)
		return -1;
	if (cache_record(ld, &s, key, n) == 0)
		return 0;
	store_close(&s);
	return -1;
}

int cache_built(struct loader *ld)
{
	char key[KEY_LIMIT], name[STORE_NAME], text[100];
	struct store_file file;
	struct store s;
	struct plan plan;
	size_t n;
	int e;

	if (*miss_reason())
		return fail(ld, "%s: no plan: %s", ld->program->path, miss_reason());
	if (make_key(ld, key, &n) < 0 || open_store(ld, &s) < 0)
		return -1;
	plan_name(PLAN_START, key, n, name);
	e = store_map(ld, &s, name, &file);
	if (e < 0 || !plan_open(&plan, PLAN_START, &file, key, n))
		return fail(ld, "%s: the plan %s was written, but cannot be read: %s",
			ld->program->path, name, e < 0 ? errno_text(e) : "it is damaged");
	inventory_describe(&plan, plan.head->pages.name != 0, text, sizeof text);
	print(1, "%s: %s: %s\n", ld->program->path, name, text);
	return 0;
}

/* Prints whether a start would use the plan in one directory, or why not; returns whether.  Sets
 * *writable if the directory is. */
static bool explain_store(
	struct loader *ld, enum store_place place, const char *key, size_t n, bool *writable)
{
	struct replay *rp = arena_alloc(&ld->scratch, sizeof *rp);
	char directory[STORE_TEXT], text[100];
	struct store s;
	bool hit;
	int e;

	if (!rp)
		return false;
	e = store_open(ld, place, &s);
	store_describe(ld, &s, e, directory);
	print(1, "%s", directory);
	hit = e == 0 && replay_open(ld, rp, &s, key, n);
	*writable |= e == 0 && store_is_writable(&s);
	if (e == 0)
		store_close(&s);
	if (!hit) {
		print(1, "%s%s\n", e ? "" : ": ", e ? "" : miss_reason());
		return false;
	}
	inventory_describe(&rp->plan, rp->snapshot, text, sizeof text);
	print(1, "\nhit: %s", text);
	if (!rp->snapshot)
		print(1, " (%s)",
			ld->config.cache == CACHE_BINDINGS ? "MYLD_CACHE=bindings" : miss_reason());
	print(1, "\n");
	return true;
}

int cache_why(struct loader *ld)
{
	static const enum store_place places[] = {STORE_USER, STORE_SYSTEM};
	char key[KEY_LIMIT], name[STORE_NAME], path[STORE_PATH];
	bool writable = false;
	size_t n;

	if (make_key(ld, key, &n) < 0)
		return -1;
	plan_name(PLAN_START, key, n, name);
	program_file_name(ld, path, sizeof path);
	print(1, "%s: %s\n", path, name);
	for (size_t i = 0; i < COUNT(places); i++)
		if (explain_store(ld, places[i], key, n, &writable))
			return 0;
	print(1, "miss: this start is cold, and %s\n",
		writable ? "records a plan"
			 : "no plan is recorded because no cache directory is writable");
	return 1;
}

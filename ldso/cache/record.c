/* record.c: notes of a start, and the plan and the snapshot that are made of them.
 *
 * Notes lie in an arena of their own that goes when the plan is written.  Tables grow by doubling;
 * the plan is then put together in one piece.  The pages are written straight from the libraries'
 * own memory, at the one moment when they hold what depends on no process: relocated for the
 * addresses that the libraries have here, which later starts give them too, but for the residue.
 */
#include "cache/record.h"
#include "base/mem.h"
#include "base/path.h"
#include "load/map.h"
#include "search/hwcaps.h"
#include "search/trace.h"
#include "state/libc.h"
#include "symbol/unique.h"

#define FIRST_NOTES ((size_t)256 << 10)
#define QUIET       ((int64_t)3600 * 1000000000)
#define NO_RANDOM   0x0040000 /* ADDR_NO_RANDOMIZE of personality(2) */

/* A table that grows. */
struct table_of {
	char *data;
	size_t n, room; /* bytes */
};

struct record {
	struct arena arena;
	struct arena_mark empty;
	uintptr_t memory; /* the arena's first chunk, FIRST_NOTES bytes */
	struct store store;
	char *key;
	size_t key_size;
	bool snapshot;
	const struct libc_abi *abi; /* that the key is for */
	int64_t begun;              /* when */
	bool leaving; /* all that is done once and for all has been: what comes now is residue */
	struct search_trace trace;

	struct table_of strings, facts, objects, words, bindings, uniques;
	int pages; /* the file's descriptor; negative: none */
	char pages_name[STORE_NAME];
	uint64_t pages_size;
};

static const struct vm_owner record_owner = {.name = "[myld.so: notes]"};

/* n bytes at the end of the table; NULL: no memory, which ends the notes. */
static void *add(struct loader *ld, struct table_of *t, const void *what, size_t n)
{
	struct record *r = ld->record;
	char *at;

	if (t->room - t->n < n) {
		size_t room = 2 * t->room + n + 4096;
		char *data = arena_alloc(&r->arena, room);

		if (!data) {
			trace_unrecordable(ld, "no memory for its notes");
			return NULL;
		}
		if (t->n)
			memcpy(data, t->data, t->n);
		t->data = data;
		t->room = room;
	}
	at = t->data + t->n;
	t->n += n;
	return memcpy(at, what, n);
}

static uint32_t add_string(struct loader *ld, const char *s)
{
	struct record *r = ld->record;
	uint32_t at = (uint32_t)r->strings.n;

	return add(ld, &r->strings, s, strlen(s) + 1) ? at : 0;
}

static bool add_word(struct loader *ld, uint32_t word)
{
	return add(ld, &ld->record->words, &word, sizeof word) != NULL;
}

static uint32_t count_of(const struct table_of *t, size_t element)
{
	return (uint32_t)(t->n / element);
}

/* ---- What was looked at ---- */

static void add_fact(
	struct loader *ld, enum plan_fact_kind kind, const char *path, const struct file_info *info)
{
	struct plan_fact f = {.kind = kind, .path = add_string(ld, path)};

	if (info) {
		f.dev = info->dev;
		f.ino = info->ino;
		f.size = info->size;
		f.mtime = info->mtime;
		f.ctime = info->ctime;
		if (!ld->config.cache_by_build_id &&
			!plan_is_settled(info->ctime, ld->record->begun))
			trace_unrecordable_file(
				ld, path[0] ? path : ld->program->path, "has changed just now");
	}
	add(ld, &ld->record->facts, &f, sizeof f);
}

bool record_may_keep_pages(void)
{
	return !(sys_personality() & NO_RANDOM);
}

void record_begin(
	struct loader *ld, const struct store *store, const char *key, size_t n, bool snapshot)
{
	struct vm_what what = {.kind = VM_ANON, .prot = VM_R | VM_W, .owner = &record_owner};
	struct arena arena;
	struct arena_mark empty;
	struct file_info program;
	struct record *r;
	uintptr_t at;

	if (!plan_program_is(ld, &program) || vm_map(&ld->vm, 0, FIRST_NOTES, &what, -1, &at) < 0) {
		ld->why = "no memory for its notes, or another file has its name by now";
		sys_close(store->dir);
		return;
	}
	arena_init(&arena, &ld->vm, &record_owner, (void *)at, FIRST_NOTES);
	empty = arena_mark(&arena);
	r = arena_alloc(&arena, sizeof *r);
	*r = (struct record){.arena = arena,
		.empty = empty,
		.memory = at,
		.store = *store,
		.key_size = n,
		.snapshot = snapshot && record_may_keep_pages(),
		.abi = ld->abi,
		.begun = sys_clock(SYS_CLOCK_REALTIME),
		.pages = -1};
	r->key = arena_alloc(&r->arena, n);
	memcpy(r->key, key, n);
	r->trace.arena = &r->arena;
	ld->record = r;
	ld->trace = &r->trace;
	add_string(ld, "");
	add_fact(ld, FACT_FILE, "", &program);
}

/* Whether a name stands in the table of strings that `seen` lists. */
static bool is_noted(const struct record *r, enum plan_fact_kind kind, const char *path)
{
	const struct plan_fact *f = (const void *)r->facts.data;

	for (size_t n = r->facts.n / sizeof *f; n--; f++)
		if (f->kind == kind && !strcmp(r->strings.data + f->path, path))
			return true;
	return false;
}

static bool is_directory(const struct file_info *info)
{
	return (info->mode & FILE_TYPE) == FILE_DIRECTORY;
}

/* Whether to go by a directory's times rather than by each name that is not in it: fewer looks, but
 * where files come and go all the time no plan would last, and not every file system counts. */
static bool is_quiet(const struct record *r, const char *path, const struct file_info *directory)
{
	return r->begun - directory->ctime > QUIET && sys_keeps_times(path);
}

/* A path led nowhere: its directory has not got the name and won't while it does not change, or
 * there is no directory either.  A symbolic link that leads nowhere is a name, and may lead
 * somewhere without a change to its directory. */
static void add_absence(struct loader *ld, const char *path)
{
	const struct record *r = ld->record;
	char above[4096];
	struct file_info info, link;
	int e;

	format(above, sizeof above, "%s", path);
	*(char *)path_base(above) = 0;
	e = sys_stat(above, &info);
	if (e == 0 && sys_lstat(path, &link) < 0 && is_quiet(r, above, &info) &&
		!ld->config.cache_by_build_id) {
		if (!is_noted(r, FACT_DIRECTORY, above))
			add_fact(ld, FACT_DIRECTORY, above, &info);
	} else if (e == 0) {
		add_fact(ld, FACT_ABSENT, path, NULL);
	} else if (e != -SYS_ENOENT && e != -SYS_ENOTDIR) {
		trace_unrecordable_file(ld, above, errno_text(e));
	} else if (!is_noted(r, FACT_ABSENT, above)) {
		add_fact(ld, FACT_ABSENT, above, NULL);
	}
}

/* In the system's store are plans for everybody, and not everybody would have read such a file. */
static void add_file(struct loader *ld, const char *path, const struct file_info *info)
{
	if (!ld->record->store.own && (info->mode & 0444) != 0444)
		trace_unrecordable_file(
			ld, path, "not everybody can read it, as the system's plans want");
	add_fact(ld, FACT_FILE, path, info);
}

static void add_facts(struct loader *ld)
{
	const struct loader *l = ld;

	/* That a directory is there decides nothing: what was looked for in it does. */
	for (const struct traced_path *n = ld->record->trace.first; n; n = n->next)
		if (n->absent)
			add_absence(ld, n->path);
		else if (!is_directory(&n->info))
			add_file(ld, n->path, &n->info);
	if (l->program->state->origin)
		add_fact(ld, FACT_ORIGIN, l->program->state->origin, NULL);
	if (l->trace->platform)
		add_fact(ld, FACT_PLATFORM, l->trace->platform, NULL);
	if (l->hwcaps)
		add_fact(ld, FACT_HWCAPS, "", &(struct file_info){.size = l->hwcaps->level});
}

/* ---- Objects ---- */

/* The world's libc, where that relocates itself. */
static bool is_own_libc(const struct loader *ld, const struct dso *d)
{
	return ld->abi->open_libc && d == ld->base.libc;
}

/* Whether the snapshot can hold its data: the loader relocates it, and its text stays its file's.
 */
static bool is_fixed(const struct loader *ld, const struct dso *d)
{
	return d->placed && !d->textrel && !is_own_libc(ld, d);
}

void record_objects(struct loader *ld)
{
	uint32_t number = 0;

	if (!ld->record)
		return;
	if (ld->abi != ld->record->abi)
		trace_unrecordable(ld, "its libc was needed by a library");
	if (ld->record->trace.unrecordable) {
		record_end(ld);
		return;
	}
	for (struct dso *d = ld->first; d; d = dso_next(d)) {
		struct plan_object o = {0};

		if (d->kind == DSO_VDSO)
			continue;
		d->number = number++;
		d->placed = ld->record->snapshot && d->kind == DSO_LIBRARY;
		d->fixed = is_fixed(ld, d);
		add(ld, &ld->record->objects, &o, sizeof o);
	}
}

static struct plan_object *object_of(struct loader *ld, const struct dso *d)
{
	return (struct plan_object *)ld->record->objects.data + d->number;
}

/* Bindings of an object come in a row, as do the numbers of its residue: relocation goes object by
 * object. */
void record_binding(struct loader *ld, const struct dso *d, uint32_t key, const struct def *def)
{
	struct plan_binding b = {key, PLAN_NOBODY, 0};
	struct record *r = ld->record;
	struct plan_range *range;

	if (!r || r->trace.unrecordable)
		return;
	if (def->dso && def->dso->kind == DSO_VDSO)
		return; /* looked up each time */
	if (def->dso)
		b = (struct plan_binding){
			key, def->dso->number, (uint32_t)(def->sym - def->dso->symtab.sym)};
	range = r->leaving ? &object_of(ld, d)->left : &object_of(ld, d)->bindings;
	if (!range->count)
		range->at = count_of(&r->bindings, sizeof b);
	range->count++;
	add(ld, &r->bindings, &b, sizeof b);
}

bool record_residue(struct loader *ld, const struct dso *d, uint32_t number)
{
	struct plan_range *range = &object_of(ld, d)->residue;

	if (ld->record->trace.unrecordable || !add_word(ld, number))
		return false;
	if (!range->count++)
		range->at = count_of(&ld->record->words, sizeof number) - 1;
	return true;
}

static uint32_t fact_of(struct loader *ld, const struct dso *d)
{
	const struct record *r = ld->record;
	struct plan_fact *f = (void *)r->facts.data;
	uint32_t n = count_of(&r->facts, sizeof *f);

	for (uint32_t i = 0; i < n; i++)
		if (f[i].kind == FACT_FILE && f[i].ino == d->ino && f[i].dev == d->dev &&
			!strcmp(r->strings.data + f[i].path, d->path)) {
			f[i].kind = FACT_LIBRARY;
			return i;
		}
	trace_unrecordable_file(ld, d->path, "no search has found it");
	return 0;
}

static void describe(struct loader *ld, const struct dso *d)
{
	struct plan_object o = *object_of(ld, d);

	o.flags = (d->kind == DSO_LIBRARY ? PLAN_LIBRARY : 0) |
		  (d->preloaded ? PLAN_PRELOADED : 0) | (d->lazy ? PLAN_LAZY : 0) |
		  (is_own_libc(ld, d) ? PLAN_LIBC : 0) | (d->placed ? PLAN_PLACED : 0) |
		  (d->fixed ? PLAN_FIXED : 0) | (d->dynamic_done ? PLAN_DYNAMIC : 0);
	if (o.flags & PLAN_LIBRARY) {
		o.path = add_string(ld, d->path);
		o.name = add_string(ld, d->name);
		o.needed_by = d->needed_by ? d->needed_by->number : 0;
		o.fact = fact_of(ld, d);
	}
	o.start = d->start;
	o.offset = d->pages;
	o.deps = (struct plan_range){
		count_of(&ld->record->words, sizeof(uint32_t)), (uint32_t)d->ndeps};
	for (size_t i = 0; i < d->ndeps; i++) {
		/* As a command we know by which file to tell it, as PT_INTERP we don't. */
		if (d->deps[i] == ld->program)
			trace_unrecordable_file(ld, d->path, "needs the program");
		add_word(ld, d->deps[i]->number);
	}
	*object_of(ld, d) = o;
}

static void add_unique(void *arg, const struct def *def)
{
	struct loader *ld = arg;
	struct plan_binding b = {0, def->dso->number, (uint32_t)(def->sym - def->dso->symtab.sym)};

	add(ld, &ld->record->uniques, &b, sizeof b);
}

/* ---- Pages ---- */

static void fail_pages(struct loader *ld)
{
	struct record *r = ld->record;

	if (r->pages >= 0) {
		sys_close(r->pages);
		store_drop(&r->store, r->pages_name);
	}
	r->pages = -1;
	trace_unrecordable(ld, "the snapshot's file cannot be written");
}

static int write_pages(struct loader *ld, struct dso *d)
{
	struct record *r = ld->record;
	uintptr_t at;
	size_t len;
	int e = 0;

	d->pages = r->pages_size;
	for (unsigned i = 0; e == 0 && map_data(ld, d, i, &at, &len); i++) {
		e = sys_put(r->pages, (const void *)at, len, r->pages_size);
		r->pages_size += len;
	}
	return e;
}

void record_pages(struct loader *ld)
{
	struct record *r = ld->record;
	int e = 0;

	if (!r)
		return;
	r->leaving = true;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->fixed) {
			d->residue = (const uint32_t *)r->words.data + object_of(ld, d)->residue.at;
			d->nresidue = object_of(ld, d)->residue.count;
		}
	if (!r->snapshot || r->trace.unrecordable)
		return;
	r->pages = store_create(&r->store, r->pages_name, sizeof r->pages_name);
	for (struct dso *d = ld->first; d && r->pages >= 0 && e == 0; d = dso_next(d))
		if (d->fixed)
			e = write_pages(ld, d);
	if (r->pages < 0 || e < 0)
		fail_pages(ld);
}

/* A resolver that returns 0 was called for what else it does (libc's init_cacheinfo): it is to run
 * each time. */
void record_word(struct loader *ld, const uintptr_t *where, const uint32_t *number)
{
	struct record *r = ld->record;
	const struct dso *d;
	uint64_t offset;
	uintptr_t at;
	size_t len;

	if (!r || r->pages < 0)
		return;
	if (!*where)
		((uint32_t *)r->words.data)[number - (const uint32_t *)r->words.data] &=
			~PLAN_BY_CPU;
	d = dso_of_address(ld, (uintptr_t)where);
	offset = d->pages;
	for (unsigned i = 0; map_data(ld, d, i, &at, &len); i++, offset += len)
		if ((uintptr_t)where - at < len) {
			offset += (uintptr_t)where - at;
			if (sys_put(r->pages, where, sizeof *where, offset) < 0)
				fail_pages(ld);
			return;
		}
}

/* Gives the file its last name; what it then is, is part of the plan: who changes it later changes
 * its times. */
static bool keep_pages(struct loader *ld, const char *plan, struct plan_pages *pages)
{
	struct record *r = ld->record;
	struct file_info info;
	char name[STORE_NAME];

	if (r->pages < 0)
		return true;
	format(name, sizeof name, "%s", plan);
	format(strchr(name, '.'), 20, "-%08x.pages",
		(uint32_t)(sys_clock(SYS_CLOCK_REALTIME) >> 8) ^ (uint32_t)sys_getpid());
	if (store_keep(&r->store, r->pages_name, name) < 0 || sys_fstat(r->pages, &info) < 0) {
		sys_close(r->pages);
		return false;
	}
	sys_close(r->pages);
	*pages = (struct plan_pages){.name = add_string(ld, name),
		.dev = info.dev,
		.ino = info.ino,
		.size = info.size,
		.mtime = info.mtime,
		.ctime = info.ctime,
		.cpu = ld->abi->cpu_key ? ld->abi->cpu_key(ld) : 0};
	return true;
}

/* ---- The plan ---- */

static struct plan_range put_section(
	struct table_of *file, const void *data, size_t bytes, size_t element)
{
	struct plan_range range = {(uint32_t)file->n, (uint32_t)(bytes / element)};

	if (bytes)
		memcpy(file->data + file->n, data, bytes);
	file->n += (bytes + 7) & -(size_t)8;
	return range;
}

/* All sections behind the head, in one piece. */
static bool put_together(struct loader *ld, const struct plan_pages *pages, struct table_of *file)
{
	struct record *r = ld->record;
	const struct table_of *all[] = {
		&r->strings, &r->facts, &r->objects, &r->words, &r->bindings, &r->uniques};
	const void *processor = NULL;
	size_t answers = ld->abi->processor ? ld->abi->processor(&processor) : 0;
	struct plan_head *h;

	file->room = sizeof *h + r->key_size + answers + 16;
	for (size_t i = 0; i < COUNT(all); i++)
		file->room += all[i]->n + 8;
	file->data = file->room > UINT32_MAX ? NULL : arena_alloc(&r->arena, file->room);
	if (!file->data)
		return false;
	h = (struct plan_head *)file->data;
	plan_head_init(h);
	file->n = sizeof *h;
	h->pages = *pages;
	h->key = put_section(file, r->key, r->key_size, 1);
	h->strings = put_section(file, r->strings.data, r->strings.n, 1);
	h->facts = put_section(file, r->facts.data, r->facts.n, sizeof(struct plan_fact));
	h->objects = put_section(file, r->objects.data, r->objects.n, sizeof(struct plan_object));
	h->words = put_section(file, r->words.data, r->words.n, sizeof(uint32_t));
	h->bindings =
		put_section(file, r->bindings.data, r->bindings.n, sizeof(struct plan_binding));
	h->uniques = put_section(file, r->uniques.data, r->uniques.n, sizeof(struct plan_binding));
	h->processor = put_section(file, processor, answers, 1);
	h->size = file->n;
	h->sum = plan_sum(h);
	return true;
}

static void write_plan(struct loader *ld)
{
	struct record *r = ld->record;
	struct plan_pages pages = {.portable = ld->config.cache_by_build_id};
	struct table_of file = {0};
	char plan[STORE_NAME];
	int e;

	plan_name(r->key, r->key_size, plan);
	if (!keep_pages(ld, plan, &pages) || !put_together(ld, &pages, &file))
		trace_unrecordable(ld, "no memory, or no room in the store");
	if (r->trace.unrecordable)
		return;
	e = store_put(&r->store, file.data, file.n, plan);
	if (e == 0)
		store_trim(ld, &r->store, plan, r->strings.data + pages.name);
	else
		trace_unrecordable(ld, errno_text(e));
}

/* ---- For other hosts ---- */

static void identify_object(struct loader *ld, const struct dso *d, struct plan_fact *f)
{
	f->kind = FACT_BUILD_ID;
	if (!identity_of_object(d, f->id))
		trace_unrecordable_file(ld, d->path, "no build-id");
}

/* What was told by inodes and times is told by contents.  Of directories there is nothing to tell:
 * that they have not got a name is noted for each name. */
static void make_portable(struct loader *ld)
{
	struct record *r = ld->record;
	struct plan_fact *facts = (void *)r->facts.data;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind == DSO_LIBRARY)
			identify_object(ld, d, &facts[object_of(ld, d)->fact]);
	for (uint32_t i = 0; i < count_of(&r->facts, sizeof *facts); i++) {
		const char *path = r->strings.data + facts[i].path;

		if (facts[i].kind != FACT_FILE)
			continue;
		if (!path[0]) {
			identify_object(ld, ld->program, &facts[i]);
			continue;
		}
		facts[i].kind = FACT_CONTENTS;
		if (!identity_of_contents(ld, path, &facts[i].size, facts[i].id))
			trace_unrecordable_file(ld, path, "cannot be read");
	}
}

static void gather(struct loader *ld)
{
	add_facts(ld);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind != DSO_VDSO)
			describe(ld, d);
	unique_each(&ld->base, add_unique, ld);
	if (ld->config.cache_by_build_id)
		make_portable(ld);
}

void record_end(struct loader *ld)
{
	struct record *r = ld->record;
	struct arena arena;
	uintptr_t memory;

	if (!r)
		return;
	if (!r->trace.unrecordable)
		gather(ld);
	if (!r->trace.unrecordable)
		write_plan(ld);
	else if (r->pages >= 0)
		fail_pages(ld);
	ld->why = r->trace.unrecordable;
	ld->record = NULL;
	ld->trace = NULL;
	store_close(&r->store);
	arena = r->arena;
	memory = r->memory;
	arena_release(&arena, r->empty);
	vm_unmap(&ld->vm, memory, FIRST_NOTES);
}

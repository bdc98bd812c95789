/* record.c: records a start and makes a plan of it; see record.h.
 *
 * The recording has an arena of its own, which is unmapped when the plan is written.
 */
#include "cache/record.h"
#include "base/mem.h"
#include "base/path.h"
#include "cache/buffer.h"
#include "cache/miss.h"
#include "cache/pages.h"
#include "cache/program_file.h"
#include "cache/remembered.h"
#include "reloc/reloc.h"
#include "search/hwcaps.h"
#include "search/trace.h"
#include "state/libc.h"
#include "symbol/unique.h"

#define FIRST_MEMORY ((size_t)256 << 10)
#define QUIET        ((int64_t)3600 * 1000000000) /* nanoseconds without a change */

struct recorder {
	struct bindings bindings; /* the first member: ld->bindings points to it */
	struct arena arena;
	struct arena_mark empty;
	uintptr_t memory; /* the arena's first chunk, FIRST_MEMORY bytes */
	struct store store;
	char *key;
	size_t key_size;
	bool snapshot;
	const struct libc_abi *abi; /* part of the key */
	int64_t begun;              /* time, nanoseconds since 1970 */
	bool leaving; /* the shared relocations are done: now those left to each process */
	struct search_trace trace;

	struct buffer strings, facts, objects, words, bindings_list, uniques;
	struct pages_file pages;
};

static const struct vm_owner record_owner = {.name = "[myld.so: recording]"};

static struct recorder *recorder_of(const struct loader *ld)
{
	return (struct recorder *)ld->bindings;
}

/* Appends n bytes; the start becomes unrecordable when memory is exhausted. */
static void *add(struct loader *ld, struct buffer *b, const void *what, size_t n)
{
	void *at = buffer_add(&recorder_of(ld)->arena, b, what, n);

	if (!at)
		trace_unrecordable(ld, "out of memory");
	return at;
}

static uint32_t add_string(struct loader *ld, const char *s)
{
	struct recorder *r = recorder_of(ld);
	uint32_t at = (uint32_t)r->strings.n;

	return add(ld, &r->strings, s, strlen(s) + 1) ? at : 0;
}

static bool add_word(struct loader *ld, uint32_t word)
{
	return add(ld, &recorder_of(ld)->words, &word, sizeof word) != NULL;
}

static uint32_t count_of(const struct buffer *t, size_t element)
{
	return (uint32_t)(t->n / element);
}

/* ---- Facts ---- */

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
			!identity_is_settled(info->ctime, recorder_of(ld)->begun))
			trace_unrecordable_file(ld, path[0] ? path : ld->program->path,
				"changed within the last clock tick");
	}
	add(ld, &recorder_of(ld)->facts, &f, sizeof f);
}

/* Whether a fact of that kind about the path has been recorded. */
static bool has_fact(const struct recorder *r, enum plan_fact_kind kind, const char *path)
{
	const struct plan_fact *f = (const void *)r->facts.data;

	for (size_t n = r->facts.n / sizeof *f; n--; f++)
		if (f->kind == kind && !strcmp(r->strings.data + f->path, path))
			return true;
	return false;
}

/* Whether to record a directory's times instead of each name that is missing in it: that takes
 * fewer system calls, but the plan is invalid after any change of the directory, and some file
 * systems do not update its times. */
static bool is_quiet(const struct recorder *r, const char *path, const struct file_info *directory)
{
	return r->begun - directory->ctime > QUIET && sys_keeps_times(path);
}

/* Records that a path does not exist: by its directory's times, which change when the name is
 * added, or by the missing directory, or by the path itself, for example if it is a dangling
 * symbolic link, whose target may be created without a change of this directory. */
static void add_absence(struct loader *ld, const char *path)
{
	const struct recorder *r = recorder_of(ld);
	char above[4096];
	struct file_info info, link;
	int e;

	format(above, sizeof above, "%s", path);
	*(char *)path_base(above) = 0;
	e = sys_stat(above, &info);
	if (e == 0 && sys_lstat(path, &link) < 0 && is_quiet(r, above, &info) &&
		!ld->config.cache_by_build_id) {
		if (!has_fact(r, FACT_DIRECTORY, above))
			add_fact(ld, FACT_DIRECTORY, above, &info);
	} else if (e == 0) {
		add_fact(ld, FACT_ABSENT, path, NULL);
	} else if (e != -SYS_ENOENT && e != -SYS_ENOTDIR) {
		trace_unrecordable_file(ld, above, errno_text(e));
	} else if (!has_fact(r, FACT_ABSENT, above)) {
		add_fact(ld, FACT_ABSENT, above, NULL);
	}
}

/* Plans in the system's store are for all users, so they may only depend on files that all users
 * can read. */
static void add_file(struct loader *ld, const char *path, const struct file_info *info)
{
	if (!recorder_of(ld)->store.own && (info->mode & 0444) != 0444)
		trace_unrecordable_file(
			ld, path, "not world-readable, so not allowed in the system cache");
	add_fact(ld, FACT_FILE, path, info);
}

static void add_facts(struct loader *ld)
{
	/* The existence of a directory does not matter, only what was searched for in it. */
	for (const struct traced_path *n = recorder_of(ld)->trace.first; n; n = n->next)
		if (n->absent)
			add_absence(ld, n->path);
		else if ((n->info.mode & FILE_TYPE) != FILE_DIRECTORY)
			add_file(ld, n->path, &n->info);
	if (ld->program->state->origin)
		add_fact(ld, FACT_ORIGIN, ld->program->state->origin, NULL);
	if (ld->trace->platform)
		add_fact(ld, FACT_PLATFORM, ld->trace->platform, NULL);
	if (ld->hwcaps)
		add_fact(ld, FACT_HWCAPS, "", &(struct file_info){.size = ld->hwcaps->level});
}

/* ---- Objects ---- */

/* Whether d is a libc that relocates itself. */
static bool is_own_libc(const struct loader *ld, const struct dso *d)
{
	return ld->abi->open_libc && d == ld->base.libc;
}

/* The snapshot can have an object's data if the loader relocates it, and its text is not
 * relocated. */
static enum prelink prelink_for(const struct loader *ld, const struct dso *d)
{
	if (!recorder_of(ld)->snapshot || d->kind != DSO_LIBRARY)
		return PRELINK_NONE;
	return d->textrel || is_own_libc(ld, d) ? PRELINK_PLACED : PRELINK_KEPT;
}

static void number_object(struct loader *ld, struct dso *d, uint32_t number)
{
	struct plan_object o = {0};

	d->remembered = dso_alloc(ld, d, sizeof *d->remembered);
	if (!d->remembered) {
		trace_unrecordable(ld, "out of memory");
		return;
	}
	d->remembered->number = number;
	d->prelink = prelink_for(ld, d);
	add(ld, &recorder_of(ld)->objects, &o, sizeof o);
}

void record_objects(struct loader *ld)
{
	struct recorder *r = recorder_of(ld);
	uint32_t number = 0;

	if (ld->abi != r->abi)
		trace_unrecordable(ld, "its libc is only needed by a library");
	for (struct dso *d = ld->first; d && !r->trace.unrecordable; d = dso_next(d))
		if (d->kind != DSO_VDSO)
			number_object(ld, d, number++);
	if (r->trace.unrecordable) {
		for (struct dso *d = ld->first; d; d = dso_next(d))
			d->prelink = PRELINK_NONE;
		record_end(ld);
	}
}

static struct plan_object *object_of(const struct loader *ld, const struct dso *d)
{
	return (struct plan_object *)recorder_of(ld)->objects.data + d->remembered->number;
}

/* Records a binding.  Those of an object are consecutive, as are the numbers of the relocations
 * left to each process, since objects are relocated one after the other. */
static void record_binding(struct loader *ld, struct dso *d, uint32_t key, const struct def *def)
{
	struct plan_binding b = {key, PLAN_UNDEFINED, 0};
	struct recorder *r = recorder_of(ld);
	struct plan_range *range;

	if (r->trace.unrecordable)
		return;
	if (def->dso && def->dso->kind == DSO_VDSO)
		return; /* looked up each time */
	if (def->dso)
		b = (struct plan_binding){key, def->dso->remembered->number,
			(uint32_t)(def->sym - def->dso->symtab.sym)};
	range = r->leaving ? &object_of(ld, d)->left_bindings : &object_of(ld, d)->bindings;
	if (!range->count)
		range->at = count_of(&r->bindings_list, sizeof b);
	range->count++;
	add(ld, &r->bindings_list, &b, sizeof b);
}

/* Whether the result of a relocation depends on more than the addresses of the snapshot's
 * libraries: on addresses that the kernel chooses, on resolvers, on the program's variables. */
static bool is_per_process(struct loader *ld, const struct reloc *r, const struct def *def)
{
	if (r->type == ARCH_R_COPY || r->type == ARCH_R_TLSDESC || r->type == ARCH_R_IRELATIVE)
		return true;
	if (!def || reloc_is_tls(r->type) || r->type == ARCH_R_SIZE || r->type == ARCH_R_SIZE32)
		return false;
	return (def->dso->prelink == PRELINK_NONE && def->dso->type != ET_EXEC) ||
	       reloc_is_ifunc(def) || symbol_overridden(ld, def);
}

/* Whether the result of a relocation depends on the processor only, and is a word. */
static bool depends_on_cpu(
	struct loader *ld, const struct dso *d, const struct reloc *r, const struct def *def)
{
	if (r->type == ARCH_R_IRELATIVE)
		return ld->abi->ifuncs_by_cpu && ld->abi->ifuncs_by_cpu(d);
	return def && reloc_is_by_cpu(ld, def) && r->type != ARCH_R_ABS32 && r->type != ARCH_R_PC32;
}

/* Records that a relocation is left to each process; false if it can be done in the snapshot. */
static bool leave_reloc(struct loader *ld, struct dso *d, const struct reloc *r, uint32_t number,
	const struct def *def)
{
	struct plan_range *range = &object_of(ld, d)->left;

	if (!is_per_process(ld, r, def) || recorder_of(ld)->trace.unrecordable)
		return false;
	if (depends_on_cpu(ld, d, r, def))
		number |= BINDING_BY_CPU;
	if (!add_word(ld, number))
		return false;
	if (!range->count++)
		range->at = count_of(&recorder_of(ld)->words, sizeof number) - 1;
	return true;
}

static uint32_t fact_of(struct loader *ld, const struct dso *d)
{
	const struct recorder *r = recorder_of(ld);
	struct plan_fact *f = (void *)r->facts.data;
	uint32_t n = count_of(&r->facts, sizeof *f);

	for (uint32_t i = 0; i < n; i++)
		if (f[i].kind == FACT_FILE && f[i].ino == d->ino && f[i].dev == d->dev &&
			!strcmp(r->strings.data + f[i].path, d->path)) {
			f[i].kind = FACT_LIBRARY;
			return i;
		}
	trace_unrecordable_file(ld, d->path, "not found by a search");
	return 0;
}

static void describe_object(struct loader *ld, const struct dso *d)
{
	struct plan_object o = *object_of(ld, d);

	o.flags = (d->kind == DSO_LIBRARY ? PLAN_LIBRARY : 0) |
		  (d->preloaded ? PLAN_PRELOADED : 0) | (d->lazy ? PLAN_LAZY : 0) |
		  (is_own_libc(ld, d) ? PLAN_LIBC : 0) |
		  (d->prelink >= PRELINK_PLACED ? PLAN_PLACED : 0) |
		  (d->prelink >= PRELINK_KEPT ? PLAN_FIXED : 0) |
		  (d->dynamic_relocated ? PLAN_DYNAMIC : 0);
	if (o.flags & PLAN_LIBRARY) {
		o.path = add_string(ld, d->path);
		o.name = add_string(ld, d->name);
		o.needed_by = d->needed_by ? d->needed_by->remembered->number : 0;
		o.fact = fact_of(ld, d);
	}
	o.start = d->start;
	o.offset = d->remembered->pages;
	o.deps = (struct plan_range){
		count_of(&recorder_of(ld)->words, sizeof(uint32_t)), (uint32_t)d->ndeps};
	for (size_t i = 0; i < d->ndeps; i++) {
		/* The program's file can be identified as a command, but not as PT_INTERP. */
		if (d->deps[i] == ld->program)
			trace_unrecordable_file(ld, d->path, "needs the program");
		add_word(ld, d->deps[i]->remembered->number);
	}
	*object_of(ld, d) = o;
}

static void add_unique(void *arg, const struct def *def)
{
	struct loader *ld = arg;
	struct plan_binding b = {
		0, def->dso->remembered->number, (uint32_t)(def->sym - def->dso->symtab.sym)};

	add(ld, &recorder_of(ld)->uniques, &b, sizeof b);
}

/* ---- Pages ---- */

static void fail_pages(struct loader *ld)
{
	struct recorder *r = recorder_of(ld);

	pages_drop(&r->pages, &r->store);
	trace_unrecordable(ld, "the snapshot cannot be written");
}

static struct relocs_left relocs_left_of(const struct loader *ld, const struct dso *d)
{
	const struct plan_range *range = &object_of(ld, d)->left;

	return (struct relocs_left){
		(const uint32_t *)recorder_of(ld)->words.data + range->at, range->count};
}

/* Writes the snapshot's pages, when all but the relocations left to each process are done. */
static void write_pages(struct loader *ld)
{
	struct recorder *r = recorder_of(ld);
	int e;

	r->leaving = true;
	if (!r->snapshot || r->trace.unrecordable)
		return;
	if (store_reopen(ld, &r->store) < 0) {
		fail_pages(ld);
		return;
	}
	e = pages_create(&r->pages, &r->store);
	for (struct dso *d = ld->first; d && e == 0; d = dso_next(d))
		if (d->prelink == PRELINK_KEPT)
			e = pages_add(ld, &r->pages, d);
	if (e < 0)
		fail_pages(ld);
}

/* Updates the word that an IFUNC resolver has set.  A resolver that returns 0 was called for its
 * side effects (libc's init_cacheinfo), so it has to run in each process. */
static void update_resolved(struct loader *ld, const uintptr_t *where, const uint32_t *number)
{
	struct recorder *r = recorder_of(ld);

	if (r->pages.fd < 0)
		return;
	if (!*where)
		((uint32_t *)r->words.data)[number - (const uint32_t *)r->words.data] &=
			~BINDING_BY_CPU;
	if (pages_patch(ld, &r->pages, where) < 0)
		fail_pages(ld);
}

/* ---- The plan ---- */

static bool keep_pages(struct loader *ld, const char *plan, struct plan_pages *pages)
{
	struct recorder *r = recorder_of(ld);
	struct file_info info;
	char name[STORE_NAME];

	if (r->pages.fd < 0)
		return true;
	if (pages_keep(&r->pages, &r->store, plan, name, &info) < 0)
		return false;
	*pages = (struct plan_pages){.name = add_string(ld, name),
		.dev = info.dev,
		.ino = info.ino,
		.size = info.size,
		.mtime = info.mtime,
		.ctime = info.ctime,
		.cpu = ld->abi->cpu_key ? ld->abi->cpu_key(ld) : 0};
	return true;
}

static struct plan_part part_of(const struct buffer *b)
{
	return (struct plan_part){b->data, b->n};
}

static const struct plan_head *make_plan(struct recorder *r, const struct plan_pages *pages)
{
	struct plan_head head = {.kind = PLAN_START, .pages = *pages};
	struct plan_part parts[PLAN_SECTIONS] = {[PLAN_KEY] = {r->key, r->key_size},
		[PLAN_STRINGS] = part_of(&r->strings),
		[PLAN_FACTS] = part_of(&r->facts),
		[PLAN_OBJECTS] = part_of(&r->objects),
		[PLAN_WORDS] = part_of(&r->words),
		[PLAN_BINDINGS] = part_of(&r->bindings_list),
		[PLAN_UNIQUES] = part_of(&r->uniques)};
	struct plan_part *processor = &parts[PLAN_PROCESSOR];

	if (r->abi->processor)
		processor->bytes = r->abi->processor(&processor->data);
	return plan_make(&r->arena, &head, parts);
}

static void write_plan(struct loader *ld)
{
	struct recorder *r = recorder_of(ld);
	struct plan_pages pages = {.portable = ld->config.cache_by_build_id};
	const struct plan_head *plan = NULL;
	char name[STORE_NAME];
	int e;

	plan_name(PLAN_START, r->key, r->key_size, name);
	if (keep_pages(ld, name, &pages))
		plan = make_plan(r, &pages);
	if (!plan)
		trace_unrecordable(ld, "out of memory, or no space in the cache directory");
	if (!r->trace.unrecordable) {
		e = store_put(&r->store, plan, plan->size, name);
		if (e < 0)
			trace_unrecordable(ld, errno_text(e));
	}
	if (!r->trace.unrecordable)
		store_trim(ld, &r->store, name, r->strings.data + pages.name);
	else if (pages.name)
		store_drop(&r->store, r->strings.data + pages.name);
}

/* ---- For other hosts ---- */

static void identify_object(struct loader *ld, const struct dso *d, struct plan_fact *f)
{
	f->kind = FACT_BUILD_ID;
	if (!identity_of_object(d, f->id))
		trace_unrecordable_file(ld, d->path, "no build-id");
}

/* Replaces facts about inodes and times by facts about contents.  There are no facts about
 * directories: missing names are recorded one by one. */
static void make_portable(struct loader *ld)
{
	struct recorder *r = recorder_of(ld);
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

static void collect(struct loader *ld)
{
	add_facts(ld);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind != DSO_VDSO)
			describe_object(ld, d);
	unique_each(&ld->base, add_unique, ld);
	if (ld->config.cache_by_build_id)
		make_portable(ld);
}

void record_end(struct loader *ld)
{
	struct recorder *r = recorder_of(ld);
	struct arena arena;
	uintptr_t memory;

	if (!r->trace.unrecordable)
		collect(ld);
	if (!r->trace.unrecordable && store_reopen(ld, &r->store) < 0)
		trace_unrecordable(ld, "the cache directory can no longer be opened");
	if (!r->trace.unrecordable)
		write_plan(ld);
	else
		pages_drop(&r->pages, &r->store);
	miss_forget();
	if (r->trace.unrecordable)
		miss(ld, "%s", r->trace.unrecordable);
	ld->bindings = NULL;
	ld->trace = NULL;
	store_close(&r->store);
	arena = r->arena;
	memory = r->memory;
	arena_release(&arena, r->empty);
	vm_unmap(&ld->vm, memory, FIRST_MEMORY);
}

/* ---- The beginning ---- */

static const struct bindings recording = {
	.records_lazy = true,
	.record = record_binding,
	.leave = leave_reloc,
	.relocated = write_pages,
	.left = relocs_left_of,
	.resolved = update_resolved,
};

/* Makes a recorder in its own arena; the first chunk has room for it and for the key.  NULL when
 * memory is exhausted. */
static struct recorder *make_recorder(
	struct loader *ld, const struct store *store, const char *key, size_t n)
{
	struct vm_what what = {.kind = VM_ANON, .prot = VM_R | VM_W, .owner = &record_owner};
	struct arena arena;
	struct arena_mark empty;
	struct recorder *r;
	uintptr_t at;

	if (vm_map(&ld->vm, 0, FIRST_MEMORY, &what, -1, &at) < 0)
		return NULL;
	arena_init(&arena, &ld->vm, &record_owner, (void *)at, FIRST_MEMORY);
	empty = arena_mark(&arena);
	r = arena_alloc(&arena, sizeof *r);
	*r = (struct recorder){.bindings = recording,
		.arena = arena,
		.empty = empty,
		.memory = at,
		.store = *store,
		.key_size = n,
		.abi = ld->abi,
		.begun = sys_clock(SYS_CLOCK_REALTIME),
		.pages = {.fd = -1}};
	r->key = arena_alloc(&r->arena, n);
	memcpy(r->key, key, n);
	return r;
}

bool record_begin(struct loader *ld, const struct store *store, const char *key, size_t n,
	enum record_what what)
{
	struct file_info program;
	struct recorder *r;

	if (!program_file_info(ld, &program))
		return miss(ld, "%s", "the program's file was replaced");
	r = make_recorder(ld, store, key, n);
	if (!r)
		return miss(ld, "%s", "out of memory");
	/* The libraries may need the descriptor. */
	store_close(&r->store);
	r->store.secret = (program.mode & 0444) != 0444;
	r->snapshot = what == RECORD_SNAPSHOT && pages_may_be_kept();
	r->trace.arena = &r->arena;
	ld->bindings = &r->bindings;
	ld->trace = &r->trace;
	add_string(ld, "");
	add_fact(ld, FACT_FILE, "", &program);
	return true;
}

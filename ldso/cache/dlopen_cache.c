/* dlopen_cache.c: a dlopen with the bindings of an earlier one; see dlopen_cache.h.
 *
 * All data is in scratch memory, from when the new objects have their scopes until they are
 * relocated; no foreign code runs in between.  A failure here does not fail the dlopen: symbols are
 * looked up then.
 */
#include "cache/dlopen_cache.h"
#include "base/mem.h"
#include "base/path.h"
#include "cache/buffer.h"
#include "cache/cache.h"
#include "cache/key.h"
#include "cache/program_file.h"
#include "search/search.h"
#include "state/libc.h"

#define MIN_SYMBOLS 96 /* fewer are looked up in the time that it takes to open a file */
#define TRIM_PERIOD 16 /* on average, one of this many new files trims the store */

struct dlopen_cache {
	struct bindings bindings; /* the first member: ld->bindings points to it */
	struct plan known;        /* .head NULL: no plan */
	struct store store;       /* where this dlopen is recorded; .dir negative: nowhere */
	const struct dso *root;   /* the opened object */
	struct dso **members;     /* as in the key: the global scope, then the root's */
	uint32_t count;
	uint32_t last; /* the last result of member_of() */
	char *key;
	size_t key_size;

	/* The remaining known bindings of the object being relocated. */
	const struct plan_binding *next, *end;

	struct buffer objects, bound; /* the recording */
};

static struct dlopen_cache *cache_of(const struct loader *ld)
{
	return (struct dlopen_cache *)ld->bindings;
}

/* ---- Whether it is worth it ---- */

/* A lower bound of the number of different symbols in the table's relocations, at most `enough`.
 * Counted from the end, since linkers put RELATIVE ones in front and those of one symbol
 * together. */
static size_t count_symbols(const struct table *t, size_t enough)
{
	const Elf_Rela *rela = (const void *)t->addr;
	size_t i = t->size / sizeof *rela, n = 0;
	uint32_t last = 0;

	while (i-- > 0 && n < enough && ELF_R_TYPE(rela[i].r_info) != ARCH_R_RELATIVE) {
		uint32_t symbol = ELF_R_SYM(rela[i].r_info);

		n += symbol && symbol != last;
		last = symbol;
	}
	return n;
}

static bool is_worth_it(const struct dso *first, enum binding binding)
{
	size_t n = 0;

	for (const struct dso *d = first; d && n < MIN_SYMBOLS; d = dso_next(d)) {
		n += count_symbols(&d->rela, MIN_SYMBOLS - n);
		if (binding == BIND_NOW || d->bind_now)
			n += reloc_plt_count(d);
	}
	return n >= MIN_SYMBOLS;
}

/* Secure mode: see key_excluded().  LD_DEBUG=statistics counts the lookups that are made; its other
 * words have to show all of them. */
static bool is_excluded(const struct loader *ld, const struct dso *first)
{
	const struct config *c = &ld->config;

	return c->cache == CACHE_OFF || c->secure || c->bind_not ||
	       c->debug & ~(unsigned)DEBUG_STATISTICS || first->ns != &ld->base || ld->auditing;
}

/* ---- The key ---- */

/* Sets *m to the identity of d's file; false if it is unknown. */
static bool describe_member(const struct loader *ld, const struct dso *d, struct plan_member *m)
{
	struct file_info info = {.dev = d->dev,
		.ino = d->ino,
		.size = d->size,
		.mtime = d->mtime,
		.ctime = d->ctime};

	if (d->kind == DSO_SELF)
		return true;
	if (d == ld->program && !d->ino && sys_stat(program_file_path(ld), &info) < 0)
		return false;
	*m = (struct plan_member){
		info.dev, info.ino, info.size, info.mtime, info.ctime, !d->relocated};
	return m->ino;
}

static size_t begin_rules(const struct loader *ld, char *rules)
{
	size_t n = format(rules, PLAN_RULES, "dlopen ");

	n += key_build(ld, rules + n, PLAN_RULES - n);
	return n < PLAN_RULES ? n + format(rules + n, PLAN_RULES - n, " ") : n;
}

static bool make_rules(
	const struct loader *ld, const struct dso *first, enum binding binding, char *rules)
{
	size_t n = begin_rules(ld, rules);

	if (n < PLAN_RULES)
		n += format(rules + n, PLAN_RULES - n, "%s %d%d%d %zu %zu", ld->abi->name,
			binding == BIND_NOW, first->deepbind, ld->config.dynamic_weak,
			ld->base.global.count, first->root->state->scope.count);
	return n < PLAN_RULES;
}

static bool make_key(
	struct loader *ld, struct dlopen_cache *r, const struct dso *first, enum binding binding)
{
	const struct scope *global = &ld->base.global;
	const struct dso *root = first->root;
	struct plan_member *files;

	r->root = root;
	r->count = (uint32_t)(global->count + root->state->scope.count);
	r->key_size = PLAN_RULES + r->count * sizeof(struct plan_member);
	r->key = arena_alloc(&ld->scratch, r->key_size);
	r->members = arena_alloc(&ld->scratch, r->count * sizeof *r->members);
	if (!r->key || !r->members)
		return false;
	files = (struct plan_member *)(r->key + PLAN_RULES);
	memcpy(r->members, global->list, global->count * sizeof *r->members);
	memcpy(r->members + global->count, root->state->scope.list,
		root->state->scope.count * sizeof *r->members);
	for (uint32_t i = 0; i < r->count; i++)
		if (!describe_member(ld, r->members[i], &files[i]))
			return false;
	return make_rules(ld, first, binding, r->key);
}

/* ---- Known bindings, and recording ---- */

static bool is_settled(const struct dlopen_cache *r)
{
	int64_t now = sys_clock(SYS_CLOCK_REALTIME);

	for (uint32_t i = 0; i < r->count; i++)
		if (!identity_is_settled(plan_members(r->key)[i].ctime, now))
			return false;
	return true;
}

static bool open_known(struct loader *ld, const struct store *s, void *arg)
{
	struct dlopen_cache *r = arg;
	struct store_file file;
	char name[STORE_NAME];

	plan_name(PLAN_DLOPEN, r->key, r->key_size, name);
	if (store_read(ld, s, name, &file) < 0)
		return false;
	if (plan_open(&r->known, PLAN_DLOPEN, &file, r->key, r->key_size))
		return true;
	store_unmap(ld, &file);
	r->known.head = NULL;
	return false;
}

static void stop_recording(struct dlopen_cache *r)
{
	if (r->store.dir >= 0)
		store_close(&r->store);
	r->store.dir = -1;
	r->bindings.record = NULL;
}

/* The index of an object's first occurrence in the key; r->count: none.  Often the same as last
 * time. */
static uint32_t member_of(struct dlopen_cache *r, const struct dso *d)
{
	if (r->members[r->last] == d)
		return r->last;
	for (uint32_t i = 0; i < r->count; i++)
		if (r->members[i] == d)
			return r->last = i;
	return r->count;
}

static bool record_object(struct loader *ld, struct dlopen_cache *r, uint32_t member)
{
	struct plan_object o = {.member = member,
		.bindings = {(uint32_t)(r->bound.n / sizeof(struct plan_binding)), 0}};

	return buffer_add(&ld->scratch, &r->objects, &o, sizeof o);
}

static void begin_object(struct loader *ld, struct dso *d)
{
	struct dlopen_cache *r = cache_of(ld);
	uint32_t member = member_of(r, d);
	const struct plan_object *o = r->known.objects;

	r->next = r->end = NULL;
	for (uint32_t i = 0; r->known.head && i < r->known.head->objects.count; i++)
		if (o[i].member == member) {
			r->next = r->known.bindings + o[i].bindings.at;
			r->end = r->next + o[i].bindings.count;
		}
	if (r->bindings.record && (member == r->count || !record_object(ld, r, member)))
		stop_recording(r);
}

/* The index is checked against the symbol table only, as in replay.c: the file has not changed. */
static bool find_target(const struct dlopen_cache *r, const struct plan_binding *b, struct def *def)
{
	const struct symtab *s;

	*def = (struct def){0};
	if (b->object == PLAN_UNDEFINED)
		return true;
	def->dso = r->members[b->object];
	s = &def->dso->symtab;
	if (b->target >= s->limit || s->sym[b->target].st_name >= s->str_size)
		return false;
	def->sym = &s->sym[b->target];
	return true;
}

/* Sets *def to the known binding for key and records the dependency on its object, as a lookup
 * would. */
static bool next_binding(struct loader *ld, struct dso *d, uint32_t key, struct def *def)
{
	struct dlopen_cache *r = cache_of(ld);
	const struct plan_binding *b = r->next;

	if (b == r->end || b->key != key)
		return false;
	r->next++;
	if (b->object == PLAN_LOOK_UP || !find_target(r, b, def))
		return false;
	if (!def->dso || symbol_add_dependency(ld, d, def) == 0)
		return true;
	diag_clear(&ld->diag);
	return false;
}

static void record_binding(struct loader *ld, struct dso *d, uint32_t key, const struct def *def)
{
	struct dlopen_cache *r = cache_of(ld);
	struct plan_binding b = {key, PLAN_UNDEFINED, 0};
	struct plan_object *o = (void *)(r->objects.data + r->objects.n - sizeof *o);

	(void)d;
	if (def->dso) {
		b.object = member_of(r, def->dso);
		b.target = (uint32_t)(def->sym - def->dso->symtab.sym);
		if (b.object == r->count || ELF_ST_BIND(def->sym->st_info) == STB_GNU_UNIQUE)
			b = (struct plan_binding){key, PLAN_LOOK_UP, 0};
	}
	if (buffer_add(&ld->scratch, &r->bound, &b, sizeof b))
		o->bindings.count++;
	else
		stop_recording(r);
}

void cache_dlopen_begin(struct loader *ld, const struct dso *before, enum binding binding)
{
	const struct dso *first = dso_next(before);
	struct dlopen_cache *r;
	struct file_info program;
	bool known;

	if (!first || is_excluded(ld, first) || !is_worth_it(first, binding))
		return;
	r = arena_alloc(&ld->scratch, sizeof *r);
	if (!r || !make_key(ld, r, first, binding))
		return;
	known = store_search(ld, open_known, r, &r->store);
	if (r->store.dir >= 0)
		r->store.secret = !program_file_info(ld, &program) || (program.mode & 0444) != 0444;
	r->bindings = (struct bindings){.complete = known,
		.begin = begin_object,
		.take = next_binding,
		.record = record_binding};
	if (known || !is_settled(r))
		stop_recording(r);
	if (known || r->store.dir >= 0)
		ld->bindings = &r->bindings;
}

/* ---- Writing the plan ---- */

/* The system's store is world-readable, so a plan in it may only name world-readable files. */
static bool may_be_published(const struct dlopen_cache *r)
{
	struct file_info info;

	for (uint32_t i = 0; !r->store.own && i < r->count; i++)
		if (r->members[i]->kind == DSO_LIBRARY &&
			(sys_stat(r->members[i]->path, &info) < 0 || (info.mode & 0444) != 0444))
			return false;
	return true;
}

/* Writes the two paths, each with its final 0; returns their length, which is more than n if they
 * are truncated. */
static size_t write_paths(struct loader *ld, const struct dlopen_cache *r, char *text, size_t n)
{
	const char *folder = search_origin(ld, (struct dso *)r->root);
	size_t done;

	program_file_name(ld, text, n);
	done = strlen(text) + 1;
	done += format(
		text + done, n - done, "%s/%s", folder ? folder : "", path_base(r->root->path));
	return done + 1;
}

static const struct plan_head *make_plan(struct loader *ld, const struct dlopen_cache *r)
{
	const size_t room = 2 * STORE_PATH;
	char *paths = arena_alloc(&ld->scratch, room);
	size_t strings = paths ? write_paths(ld, r, paths, room) : room + 1;
	struct plan_head head = {.kind = PLAN_DLOPEN, .members = r->count};
	const struct plan_part parts[PLAN_SECTIONS] = {[PLAN_KEY] = {r->key, r->key_size},
		[PLAN_STRINGS] = {paths, strings},
		[PLAN_OBJECTS] = {r->objects.data, r->objects.n},
		[PLAN_BINDINGS] = {r->bound.data, r->bound.n}};

	if (strings > room)
		return NULL;
	head.opened = (uint32_t)strlen(paths) + 1;
	return plan_make(&ld->scratch, &head, parts);
}

static void write_plan(struct loader *ld, struct dlopen_cache *r)
{
	const struct plan_head *h = may_be_published(r) ? make_plan(ld, r) : NULL;
	char name[STORE_NAME];

	if (!h)
		return;
	plan_name(PLAN_DLOPEN, r->key, r->key_size, name);
	if (store_put(&r->store, h, h->size, name) == 0 && h->sum % TRIM_PERIOD == 0)
		store_trim(ld, &r->store, name, "");
}

void cache_dlopen_end(struct loader *ld, enum bound relocated)
{
	struct dlopen_cache *r = cache_of(ld);

	if (!r)
		return;
	ld->bindings = NULL;
	if (r->known.head)
		store_unmap(ld, &r->known.file);
	if (r->store.dir < 0)
		return;
	if (relocated == BOUND && r->bound.n / sizeof(struct plan_binding) >= MIN_SYMBOLS)
		write_plan(ld, r);
	store_close(&r->store);
}

/* ---- For `--cache list` ---- */

const char *dlopen_cache_program(const struct plan *p)
{
	return p->strings + p->head->program;
}

const char *dlopen_cache_opened(const struct plan *p)
{
	return p->strings + p->head->opened;
}

static bool is_member(const struct plan *f, const char *path)
{
	const struct plan_member *m = plan_members(f->key);
	struct file_info info;

	if (sys_stat(path, &info) < 0)
		return false;
	for (uint32_t i = 0; i < f->head->members; i++)
		if (m[i].dev == info.dev && m[i].ino == info.ino && m[i].size == info.size &&
			m[i].mtime == info.mtime && m[i].ctime == info.ctime)
			return true;
	return false;
}

const char *dlopen_cache_stale(const struct loader *ld, const struct plan *f)
{
	char build[PLAN_RULES];
	size_t n = begin_rules(ld, build);

	if (n >= sizeof build || memcmp(f->key, build, n))
		return "recorded by another build of the loader";
	if (!is_member(f, dlopen_cache_program(f)))
		return "the program has changed";
	return is_member(f, dlopen_cache_opened(f)) ? NULL : "the opened library has changed";
}

/* reopen.c: a dlopen by what an earlier one has found; see reopen.h.
 *
 * Everything here lies in scratch memory, from the moment when the new objects have their scopes to
 * the moment when they are relocated; nothing foreign runs in between.  A failure here is never the
 * dlopen's: symbols are looked up then.
 */
#include "cache/dlopen_cache.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "cache/replay.h"
#include "search/search.h"
#include "state/libc.h"

#define LEAST       96 /* symbols: fewer are looked up in the time that it takes to open a file */
#define TRIM_PERIOD 16 /* new files until somebody looks whether there are too many */

static const char magic[8] = "myldopen";

struct reopen {
	struct store_file file;
	struct reopen_file known; /* .head NULL: nothing is known */
	struct store store;       /* notes go there; .dir negative: none are taken */
	const struct dso *root;   /* what dlopen was asked for */
	struct dso **members;     /* as in the key: the global scope, then the root's */
	uint32_t count;
	uint32_t last; /* the member that was asked for last */
	char *key;
	size_t key_size;

	/* Of the object that is being relocated: what is known of it and not yet asked for. */
	const struct plan_binding *next, *end;

	/* Notes. */
	struct reopen_object *objects;
	struct plan_binding *bindings;
	uint32_t nobjects, nbindings, room;
};

/* ---- Whether it is worth it ---- */

/* Different symbols that the table's relocations name, at least: counted from its end, as linkers
 * put the RELATIVE ones in front and those of one symbol together. */
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

	for (const struct dso *d = first; d && n < LEAST; d = dso_next(d)) {
		n += count_symbols(&d->rela, LEAST - n);
		if (binding == BIND_NOW || d->bind_now)
			n += reloc_plt_count(d);
	}
	return n >= LEAST;
}

/* In secure mode nothing is remembered (replay.c).  LD_DEBUG=statistics counts what is done, be it
 * what it may; the others are to see all of it. */
static bool is_excluded(const struct loader *ld, const struct dso *first)
{
	const struct config *c = &ld->config;

	return c->cache == CACHE_OFF || c->secure || c->bind_not ||
	       c->debug & ~(unsigned)DEBUG_STATISTICS || first->ns != &ld->base;
}

/* ---- The key ---- */

/* false: nobody can tell which file it is. */
static bool describe(const struct loader *ld, const struct dso *d, struct reopen_member *m)
{
	struct file_info info = {.dev = d->dev,
		.ino = d->ino,
		.size = d->size,
		.mtime = d->mtime,
		.ctime = d->ctime};

	if (d->kind == DSO_SELF)
		return true;
	if (d == ld->program && !d->ino && sys_stat(plan_program_path(ld), &info) < 0)
		return false;
	*m = (struct reopen_member){
		info.dev, info.ino, info.size, info.mtime, info.ctime, !d->relocated};
	return m->ino;
}

static size_t begin_rules(const struct loader *ld, char *rules)
{
	size_t n = format(rules, REOPEN_RULES, "dlopen ");

	n += replay_build(ld, rules + n, REOPEN_RULES - n);
	return n < REOPEN_RULES ? n + format(rules + n, REOPEN_RULES - n, " ") : n;
}

static bool make_rules(
	const struct loader *ld, const struct dso *first, enum binding binding, char *rules)
{
	size_t n = begin_rules(ld, rules);

	if (n < REOPEN_RULES)
		n += format(rules + n, REOPEN_RULES - n, "%s %d%d%d %zu %zu", ld->abi->name,
			binding == BIND_NOW, first->deepbind, ld->config.dynamic_weak,
			ld->base.global.count, first->root->state->scope.count);
	return n < REOPEN_RULES;
}

static struct reopen_member *files_of(const struct reopen *r)
{
	return (struct reopen_member *)(r->key + REOPEN_RULES);
}

static bool make_key(
	struct loader *ld, struct reopen *r, const struct dso *first, enum binding binding)
{
	const struct scope *global = &ld->base.global;
	const struct dso *root = first->root;

	r->root = root;
	r->count = (uint32_t)(global->count + root->state->scope.count);
	r->key_size = REOPEN_RULES + r->count * sizeof(struct reopen_member);
	r->key = arena_alloc(&ld->scratch, r->key_size);
	r->members = arena_alloc(&ld->scratch, r->count * sizeof *r->members);
	if (!r->key || !r->members)
		return false;
	memcpy(r->members, global->list, global->count * sizeof *r->members);
	memcpy(r->members + global->count, root->state->scope.list,
		root->state->scope.count * sizeof *r->members);
	for (uint32_t i = 0; i < r->count; i++)
		if (!describe(ld, r->members[i], &files_of(r)[i]))
			return false;
	return make_rules(ld, first, binding, r->key);
}

static void file_name(const struct reopen *r, char *name)
{
	format(name, STORE_NAME, "%016jx.open", hash_bytes(r->key, r->key_size, 0));
}

/* ---- The file ---- */

static size_t padded(size_t n)
{
	return (n + 7) & -(size_t)8;
}

static size_t key_bytes(const struct reopen_head *h)
{
	return REOPEN_RULES + h->members * sizeof(struct reopen_member);
}

/* Where a file's parts are, by the numbers in its head.  Returns how long it must be. */
static size_t lay_out(struct reopen_file *f, const struct reopen_head *h)
{
	const char *at = (const char *)(h + 1);

	f->head = h;
	f->key = at;
	at += key_bytes(h);
	f->objects = (const void *)at;
	at += h->objects * sizeof *f->objects;
	f->bindings = (const void *)at;
	at += padded(h->bindings * sizeof *f->bindings);
	f->strings = at;
	return (size_t)(at - (const char *)h) + padded(h->strings);
}

/* Of the head, with that of the rest in the place of the sum. */
static uint64_t sum_of(const struct reopen_head *h)
{
	struct reopen_head head = *h;

	head.sum = hash_bytes(h + 1, h->size - sizeof *h, 0);
	return hash_bytes(&head, sizeof head, 0);
}

static bool check(const struct reopen_file *f)
{
	const struct reopen_head *h = f->head;

	for (uint32_t i = 0; i < h->objects; i++) {
		const struct reopen_object *o = &f->objects[i];

		if (o->member >= h->members || o->bindings.at > h->bindings ||
			o->bindings.count > h->bindings - o->bindings.at)
			return false;
	}
	for (uint32_t i = 0; i < h->bindings; i++)
		if (f->bindings[i].object >= h->members && f->bindings[i].object < REOPEN_ASK)
			return false;
	return h->strings > 1 && !f->strings[h->strings - 1] && strlen(f->strings) + 1 < h->strings;
}

const char *reopen_program(const struct reopen_file *f)
{
	return f->strings;
}

const char *reopen_opened(const struct reopen_file *f)
{
	return f->strings + strnlen(f->strings, f->head->strings - 1) + 1;
}

bool reopen_take_file(struct reopen_file *f, const struct store_file *mapped)
{
	const struct reopen_head *h = (const void *)mapped->data;

	if (mapped->size < sizeof *h || memcmp(h->magic, magic, sizeof magic) ||
		h->format != REOPEN_FORMAT || h->size != mapped->size || h->size > UINT32_MAX)
		return false;
	return lay_out(f, h) == h->size && sum_of(h) == h->sum && check(f);
}

/* ---- What is known ---- */

static bool is_for(const struct reopen_file *f, const struct reopen *r)
{
	return f->head->members == r->count && !memcmp(f->key, r->key, r->key_size);
}

static bool open_known(struct loader *ld, struct reopen *r, const struct store *s)
{
	char name[STORE_NAME];

	file_name(r, name);
	if (store_read(ld, s, name, &r->file) < 0)
		return false;
	if (reopen_take_file(&r->known, &r->file) && is_for(&r->known, r))
		return true;
	store_unmap(ld, &r->file);
	r->known.head = NULL;
	return false;
}

static bool is_settled(const struct reopen *r)
{
	int64_t now = sys_clock(SYS_CLOCK_REALTIME);

	for (uint32_t i = 0; i < r->count; i++)
		if (!plan_is_settled(files_of(r)[i].ctime, now))
			return false;
	return true;
}

/* Looks into the user's store, then the system's; notes will go to the first that takes them. */
static void look(struct loader *ld, struct reopen *r)
{
	static const enum store_place places[] = {STORE_USER, STORE_SYSTEM};

	for (size_t i = 0; i < 2 && !r->known.head; i++) {
		struct store s;

		if (store_open(ld, places[i], &s) < 0)
			continue;
		if (!open_known(ld, r, &s) && r->store.dir < 0 && store_is_writable(&s))
			r->store = s;
		else
			store_close(&s);
	}
	if (r->store.dir >= 0 && (r->known.head || !is_settled(r))) {
		store_close(&r->store);
		r->store.dir = -1;
	}
}

void reopen_begin(struct loader *ld, const struct dso *before, enum binding binding)
{
	const struct dso *first = dso_next(before);
	struct reopen *r;

	if (!first || is_excluded(ld, first) || !is_worth_it(first, binding))
		return;
	r = arena_alloc(&ld->scratch, sizeof *r);
	if (!r)
		return;
	r->store.dir = -1;
	if (!make_key(ld, r, first, binding))
		return;
	look(ld, r);
	if (r->known.head || r->store.dir >= 0)
		ld->reopen = r;
}

/* The first place in the key that an object has; r->count: none.  It is often that of the one
 * before. */
static uint32_t member_of(struct reopen *r, const struct dso *d)
{
	if (r->members[r->last] == d)
		return r->last;
	for (uint32_t i = 0; i < r->count; i++)
		if (r->members[i] == d)
			return r->last = i;
	return r->count;
}

static bool add_object(struct loader *ld, struct reopen *r, uint32_t member)
{
	if (!r->objects)
		r->objects = arena_alloc(&ld->scratch, r->count * sizeof *r->objects);
	if (!r->objects || member == r->count || r->nobjects == r->count)
		return false;
	r->objects[r->nobjects++] =
		(struct reopen_object){.member = member, .bindings = {r->nbindings, 0}};
	return true;
}

static void give_up(struct reopen *r)
{
	store_close(&r->store);
	r->store.dir = -1;
}

void reopen_object(struct loader *ld, const struct dso *d)
{
	struct reopen *r = ld->reopen;
	uint32_t member = member_of(r, d);

	r->next = r->end = NULL;
	for (uint32_t i = 0; r->known.head && i < r->known.head->objects; i++) {
		const struct reopen_object *o = &r->known.objects[i];

		if (o->member == member) {
			r->next = r->known.bindings + o->bindings.at;
			r->end = r->next + o->bindings.count;
		}
	}
	if (r->store.dir >= 0 && !add_object(ld, r, member))
		give_up(r);
}

/* As in replay.c nothing else has checked the index: the file is as it was. */
static bool find_target(const struct reopen *r, const struct plan_binding *b, struct def *def)
{
	const struct symtab *s;

	*def = (struct def){0};
	if (b->object == PLAN_NOBODY)
		return true;
	def->dso = r->members[b->object];
	s = &def->dso->symtab;
	if (b->target >= s->limit || s->sym[b->target].st_name >= s->str_size)
		return false;
	def->sym = &s->sym[b->target];
	return true;
}

/* What a lookup would have noted is noted too. */
bool reopen_known(struct loader *ld, struct dso *d, uint32_t key, struct def *def)
{
	struct reopen *r = ld->reopen;
	const struct plan_binding *b = r->next;

	if (b == r->end || b->key != key)
		return false;
	r->next++;
	if (b->object == REOPEN_ASK || !find_target(r, b, def))
		return false;
	if (!def->dso || symbol_bound(ld, d, def) == 0)
		return true;
	diag_clear(&ld->diag);
	return false;
}

/* ---- Notes ---- */

static bool add_binding(struct loader *ld, struct reopen *r, const struct plan_binding *b)
{
	if (r->nbindings == r->room) {
		uint32_t room = r->room ? 2 * r->room : 1024;
		struct plan_binding *more = arena_alloc(&ld->scratch, room * sizeof *more);

		if (!more)
			return false;
		if (r->nbindings)
			memcpy(more, r->bindings, r->nbindings * sizeof *more);
		r->bindings = more;
		r->room = room;
	}
	r->bindings[r->nbindings++] = *b;
	r->objects[r->nobjects - 1].bindings.count++;
	return true;
}

void reopen_note(struct loader *ld, uint32_t key, const struct def *def)
{
	struct reopen *r = ld->reopen;
	struct plan_binding b = {key, PLAN_NOBODY, 0};

	if (r->store.dir < 0)
		return;
	if (def->dso) {
		b.object = member_of(r, def->dso);
		b.target = (uint32_t)(def->sym - def->dso->symtab.sym);
		if (b.object == r->count || ELF_ST_BIND(def->sym->st_info) == STB_GNU_UNIQUE)
			b = (struct plan_binding){key, REOPEN_ASK, 0};
	}
	if (!add_binding(ld, r, &b))
		give_up(r);
}

/* Of root's files some are nobody else's business, and the system's store everybody may read. */
static bool may_be_told(const struct reopen *r)
{
	struct file_info info;

	for (uint32_t i = 0; !r->store.own && i < r->count; i++)
		if (r->members[i]->kind == DSO_LIBRARY &&
			(sys_stat(r->members[i]->path, &info) < 0 || (info.mode & 0444) != 0444))
			return false;
	return true;
}

/* The two paths, one behind the other; how long they are. */
static size_t put_paths(struct loader *ld, const struct reopen *r, char *text, size_t n)
{
	const char *folder = search_origin(ld, (struct dso *)r->root);
	size_t done;

	plan_program_file(ld, text, n);
	done = strlen(text) + 1;
	done += format(
		text + done, n - done, "%s/%s", folder ? folder : "", path_base(r->root->path));
	return done + 1;
}

static const struct reopen_head *put_together(struct loader *ld, struct reopen *r)
{
	const size_t room = 2 * STORE_PATH;
	char *paths = arena_alloc(&ld->scratch, room);
	size_t strings = paths ? put_paths(ld, r, paths, room) : room + 1;
	struct reopen_head *h, head = {.format = REOPEN_FORMAT,
				       .members = r->count,
				       .objects = r->nobjects,
				       .bindings = r->nbindings,
				       .strings = (uint32_t)strings};
	struct reopen_file f;

	head.size = lay_out(&f, &head);
	h = strings > room || head.size > UINT32_MAX ? NULL : arena_alloc(&ld->scratch, head.size);
	if (!h)
		return NULL;
	*h = head;
	memcpy(h->magic, magic, sizeof magic);
	lay_out(&f, h);
	memcpy((char *)f.key, r->key, r->key_size);
	memcpy((void *)f.objects, r->objects, r->nobjects * sizeof *r->objects);
	memcpy((void *)f.bindings, r->bindings, r->nbindings * sizeof *r->bindings);
	memcpy((char *)f.strings, paths, strings);
	h->sum = sum_of(h);
	return h;
}

static void write_notes(struct loader *ld, struct reopen *r)
{
	const struct reopen_head *h = may_be_told(r) ? put_together(ld, r) : NULL;
	char name[STORE_NAME];

	if (!h)
		return;
	file_name(r, name);
	if (store_put(&r->store, h, h->size, name) == 0 && h->sum % TRIM_PERIOD == 0)
		store_trim(ld, &r->store, name, "");
}

bool reopen_follows(const struct loader *ld)
{
	return ld->reopen && ld->reopen->known.head;
}

void reopen_end(struct loader *ld, bool relocated)
{
	struct reopen *r = ld->reopen;

	if (!r)
		return;
	ld->reopen = NULL;
	if (r->known.head)
		store_unmap(ld, &r->file);
	if (r->store.dir < 0)
		return;
	if (relocated && r->nbindings >= LEAST)
		write_notes(ld, r);
	store_close(&r->store);
}

/* ---- For people ---- */

static bool is_member(const struct reopen_file *f, const char *path)
{
	const struct reopen_member *m = (const void *)(f->key + REOPEN_RULES);
	struct file_info info;

	if (sys_stat(path, &info) < 0)
		return false;
	for (uint32_t i = 0; i < f->head->members; i++)
		if (m[i].dev == info.dev && m[i].ino == info.ino && m[i].size == info.size &&
			m[i].mtime == info.mtime && m[i].ctime == info.ctime)
			return true;
	return false;
}

const char *reopen_stale(const struct loader *ld, const struct reopen_file *f)
{
	char build[REOPEN_RULES];
	size_t n = begin_rules(ld, build);

	if (n >= sizeof build || memcmp(f->key, build, n))
		return "of another build of the loader";
	if (!is_member(f, reopen_program(f)))
		return "the program has changed";
	return is_member(f, reopen_opened(f)) ? NULL : "what was opened has changed";
}

/* replay.c: a start by a plan; see replay.h.
 *
 * First everything is checked and mapped, and only then does anything enter the load order: a fact
 * that does not hold, or an address that is taken, leaves nothing behind but a cold start.
 */
#include "replay.h"
#include "deps.h"
#include "dynamic.h"
#include "expand.h"
#include "hwcaps.h"
#include "map.h"
#include "mem.h"
#include "record.h"
#include "search.h"
#include "tls.h"
#include "unique.h"
#include "world.h"

#define KEY_LIMIT 4096

const char *replay_why(const struct loader *ld)
{
	return ld->why ? ld->why : "";
}

static bool missed(struct loader *ld, const char *fmt, const char *what)
{
	char text[4200];

	format(text, sizeof text, fmt, what);
	ld->why = arena_strdup(&ld->scratch, text);
	return false;
}

/* ---- The key ---- */

/* The loader's own build: what ld(1) has put into its note (--build-id). */
static size_t key_build(const struct loader *ld, char *key, size_t n)
{
	const struct dso *self = ld->self;
	size_t done = 0;

	for (const Elf_Phdr *p = self->phdr; p < self->phdr + self->phnum; p++) {
		const Elf_Nhdr *note = dso_at(self, p->p_vaddr);
		const unsigned char *id = (const unsigned char *)(note + 1) + sizeof "GNU";

		if (p->p_type != PT_NOTE || note->n_type != NT_GNU_BUILD_ID)
			continue;
		for (uint32_t i = 0; i < note->n_descsz; i++)
			done += format(key + done, n - done, "%02x", id[i]);
	}
	return done;
}

/* A string that may be absent, in a way that no string looks. */
static size_t key_text(char *key, size_t n, const char *name, const char *text)
{
	return format(key, n, "%s%s%s\n", name, text ? "=" : "", text ? text : "");
}

/* Everything in the process that decides what is loaded or bound.  Returns its length, KEY_LIMIT or
 * more if that is too much. */
static size_t make_key(const struct loader *ld, char *key)
{
	const struct config *c = &ld->config;
	const struct {
		const char *name, *text;
	} texts[] = {
		{"program", ld->program->path},
		{"world", ld->world->name},
		{"platform", c->platform},
		{"library-path", c->library_path},
		{"preload", c->preload},
		{"preload-option", c->preload_option},
		{"secure-preload", c->secure_preload},
		{"hwcaps-prepend", c->hwcaps_prepend},
		{"hwcaps-mask", c->hwcaps_mask},
		{"origin", c->origin_path},
		{"inhibit-rpath", c->inhibit_rpath},
		{"tunables", config_getenv(c, "GLIBC_TUNABLES")},
	};
	size_t n = key_build(ld, key, KEY_LIMIT);

	n += format(key + n, KEY_LIMIT - n, "\n%d%d%d%d%d%d %lx %lx %zx\n", c->command, c->bind_now,
		c->bind_lazy, c->dynamic_weak, c->inhibit_cache, c->secure, c->hwcap, c->hwcap2,
		c->page);
	for (size_t i = 0; i < sizeof texts / sizeof *texts && n < KEY_LIMIT; i++)
		n += key_text(key + n, KEY_LIMIT - n, texts[i].name, texts[i].text);
	return n;
}

/* ---- Facts ---- */

static bool is_same(const struct plan_fact *f, const struct file_info *info)
{
	return f->dev == info->dev && f->ino == info->ino && f->mtime == info->mtime &&
	       f->ctime == info->ctime && (f->kind == FACT_DIRECTORY || f->size == info->size);
}

static bool check_path(struct loader *ld, const struct plan_fact *f, const char *path)
{
	struct file_info info;
	int r;

	if (!path[0])
		return (plan_program_is(ld, &info) && is_same(f, &info)) ||
		       missed(ld, "%s has changed", ld->program->path);
	r = sys_stat(path, &info);
	if (f->kind == FACT_ABSENT)
		return r == -SYS_ENOENT || r == -SYS_ENOTDIR || missed(ld, "%s is there now", path);
	return (r == 0 && is_same(f, &info)) || missed(ld, "%s has changed", path);
}

static bool check_fact(struct loader *ld, const struct plan_fact *f, const char *text)
{
	const char *origin, *platform;
	const struct hwcaps *h;

	switch (f->kind) {
	case FACT_ORIGIN:
		origin = search_origin(ld, ld->program);
		return (origin && !strcmp(origin, text)) ||
		       missed(ld, "the program lies in another directory than %s", text);
	case FACT_PLATFORM:
		platform = expand_platform(ld);
		return !strcmp(platform ? platform : "", text) ||
		       missed(ld, "the processor is another platform than %s", text);
	case FACT_HWCAPS:
		h = hwcaps_of(ld);
		return (h && h->level == f->size) ||
		       missed(ld, "the processor has other capabilities%s", "");
	default: return check_path(ld, f, text);
	}
}

/* Those of the libraries wait until they are opened. */
static bool check_facts(struct loader *ld, const struct plan *p)
{
	for (uint32_t i = 0; i < p->head->facts.count; i++)
		if (p->facts[i].kind != FACT_LIBRARY &&
			!check_fact(ld, &p->facts[i], p->strings + p->facts[i].path))
			return false;
	return true;
}

/* ---- The snapshot ---- */

/* Its addresses were drawn at random by the kernel for the start that wrote it; they are to be
 * drawn again after each boot. */
static bool is_of_this_boot(const struct file_info *info)
{
	int64_t now = sys_clock(SYS_CLOCK_REALTIME);

	return info->ctime > now - sys_clock(SYS_CLOCK_BOOTTIME) && info->ctime <= now;
}

static int open_pages(struct loader *ld, const struct replay *rp)
{
	const struct plan_pages *p = &rp->plan.head->pages;
	struct file_info info;
	int fd;

	if (!p->name || ld->config.cache == CACHE_BINDINGS)
		return -1;
	fd = store_open_file(ld, &rp->store, rp->plan.strings + p->name, &info);
	if (fd < 0)
		return fd;
	if (info.dev == p->dev && info.ino == p->ino && info.size == p->size &&
		info.mtime == p->mtime && info.ctime == p->ctime && is_of_this_boot(&info))
		return fd;
	sys_close(fd);
	return -1;
}

/* ---- Objects ---- */

static struct dso *map_library(
	struct loader *ld, struct replay *rp, uint32_t i, struct placement *place)
{
	const struct plan *p = &rp->plan;
	const struct plan_object *o = &p->objects[i];
	const struct plan_fact *f = &p->facts[o->fact];
	struct found found = {.path = (char *)p->strings + o->path};
	struct dso *d = dso_new(ld, DSO_LIBRARY);
	bool mapped = false;

	if (!d)
		return NULL;
	found.fd = sys_open(found.path);
	if (found.fd < 0 || sys_fstat(found.fd, &found.info) < 0 || !is_same(f, &found.info)) {
		missed(ld, "%s has changed", found.path);
	} else {
		if (place && o->flags & PLAN_FIXED) {
			place->start = o->start;
			place->offset = o->offset;
			found.place = place;
		}
		mapped = !(place && o->start % ld->config.page) && map_object(ld, &found, d) == 0;
		if (!mapped)
			missed(ld, "%s cannot be mapped", found.path);
	}
	if (found.fd >= 0)
		sys_close(found.fd);
	if (!mapped)
		return NULL;
	d->fixed = found.place != NULL;
	d->name = dso_strdup(ld, d, p->strings + o->name);
	return d;
}

static bool map_all(struct loader *ld, struct replay *rp, struct placement *place)
{
	struct arena_mark mark = arena_mark(&ld->permanent);
	const struct plan *p = &rp->plan;
	uint32_t n = p->head->objects.count, i;

	for (i = 1; i < n; i++) {
		rp->objects[i] = p->objects[i].flags & PLAN_LIBRARY ? map_library(ld, rp, i, place)
								    : ld->self;
		if (!rp->objects[i] || (rp->objects[i] != ld->self && !rp->objects[i]->name))
			break;
	}
	rp->snapshot = place != NULL;
	if (i == n)
		return true;
	for (i++; --i > 0;)
		if (rp->objects[i] && rp->objects[i] != ld->self)
			map_remove(ld, rp->objects[i]);
	arena_release(&ld->permanent, mark);
	diag_clear(&ld->diag);
	return false;
}

/* Whether this start could leave a plan with pages where there are none, or none of this boot. */
static bool lacks_pages(const struct loader *ld, const struct replay *rp)
{
	return ld->config.cache == CACHE_SNAPSHOT && store_is_writable(&rp->store) &&
	       record_may_keep_pages();
}

/* With the snapshot's data if the snapshot is good and its addresses are free. */
static bool map_libraries(struct loader *ld, struct replay *rp)
{
	const struct plan_pages *p = &rp->plan.head->pages;
	struct placement place = {
		.fd = open_pages(ld, rp), .dev = p->dev, .ino = p->ino, .size = p->size};
	bool mapped = false;

	if (place.fd >= 0) {
		mapped = map_all(ld, rp, &place);
		sys_close(place.fd);
	} else if (lacks_pages(ld, rp)) {
		return missed(ld, "its pages are not of this boot, or gone%s", "");
	}
	return mapped || map_all(ld, rp, NULL);
}

static int add_object(struct loader *ld, const struct replay *rp, uint32_t i)
{
	const struct plan_object *o = &rp->plan.objects[i];
	struct dso *d = rp->objects[i];

	d->number = i;
	if (o->flags & PLAN_LIBRARY) {
		d->needed_by = rp->objects[o->needed_by];
		d->preloaded = o->flags & PLAN_PRELOADED;
		d->lazy = d->fixed && o->flags & PLAN_LAZY;
		d->dynamic_done = d->fixed && o->flags & PLAN_DYNAMIC;
		d->residue = rp->plan.words + o->residue.at;
		d->nresidue = o->residue.count;
		if (dynamic_decode(ld, d) < 0 || (d->tls.memsz && tls_add(ld, d) < 0))
			return -1;
	}
	if (i)
		deps_append(ld, d);
	d->deps = dso_alloc(ld, d, (o->deps.count + 1) * sizeof *d->deps);
	if (!d->deps)
		return fail(ld, "%s: no memory for its %u dependencies", d->path, o->deps.count);
	for (uint32_t k = 0; k < o->deps.count; k++)
		d->deps[d->ndeps++] = rp->objects[rp->plan.words[o->deps.at + k]];
	return 0;
}

/* ---- A plan ---- */

/* Opens the store's plan for the key and follows it. */
static bool follow(struct loader *ld, struct replay *rp, const char *key, size_t n)
{
	struct store_file file;
	char name[STORE_NAME];
	int e;

	plan_name(key, n, name);
	e = store_map(ld, &rp->store, name, &file);
	if (e < 0)
		return missed(ld, "no plan: %s", errno_text(e));
	if (!plan_open(&rp->plan, &file, key, n)) {
		store_unmap(ld, &file);
		return missed(ld, "the plan %s is damaged, or of another program", name);
	}
	rp->objects = arena_alloc(&ld->scratch, rp->plan.head->objects.count * sizeof *rp->objects);
	if (rp->objects && check_facts(ld, &rp->plan)) {
		rp->objects[0] = ld->program;
		if (map_libraries(ld, rp))
			return true;
	}
	store_unmap(ld, &file);
	return false;
}

/* Starts of which no plan can tell, or that are to be seen as they are.  LD_DYNAMIC_WEAK: a slot
 * that waits may find a strong definition that is not there yet.  In secure mode the caller, who is
 * not to be trusted, would choose what others are left, and could try one base again and again. */
static bool is_excluded(const struct loader *ld)
{
	const struct config *c = &ld->config;

	return c->cache == CACHE_OFF || c->mode != MODE_RUN || c->debug || c->bind_not ||
	       c->dynamic_weak || c->secure || c->exec_system_loader || !ld->world->remembered;
}

static int add_objects(struct loader *ld, const struct replay *rp)
{
	for (uint32_t i = 0; i < rp->plan.head->objects.count; i++)
		if (add_object(ld, rp, i) < 0)
			return -1;
	return 0;
}

static int replay(struct loader *ld, struct replay *rp)
{
	ld->replay = rp;
	ld->why = NULL;
	return add_objects(ld, rp) < 0 ? -1 : 1;
}

int replay_load(struct loader *ld)
{
	static const enum store_place places[] = {STORE_USER, STORE_SYSTEM};
	struct replay *rp = NULL;
	struct store notes = {.dir = -1};
	char key[KEY_LIMIT];
	size_t n = 0;

	if (is_excluded(ld))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		struct store s;
		bool done;

		if (store_open(ld, places[i], &s) < 0)
			continue;
		if (!rp) {
			rp = arena_alloc(&ld->scratch, sizeof *rp);
			n = make_key(ld, key);
		}
		rp->store = s;
		done = n < sizeof key && follow(ld, rp, key, n);
		if (!done && notes.dir < 0 && n < sizeof key)
			notes = s;
		else
			store_close(&s);
		if (done) {
			if (notes.dir >= 0)
				store_close(&notes);
			return replay(ld, rp);
		}
	}
	if (notes.dir >= 0)
		record_begin(ld, &notes, key, n, ld->config.cache != CACHE_BINDINGS);
	return 0;
}

/* ---- While the objects are relocated ---- */

/* Nothing else has checked the plan's indices of symbols: the file is as it was. */
static const Elf_Sym *target_of(const struct dso *d, const struct plan_binding *b)
{
	return b->target < d->symtab.limit ? &d->symtab.sym[b->target] : NULL;
}

void replay_bindings(struct loader *ld, const struct dso *d, struct memo *memo)
{
	const struct replay *rp = ld->replay;
	struct plan_range range;

	if (!rp || d->number >= rp->plan.head->objects.count || rp->objects[d->number] != d)
		return;
	range = d->fixed ? rp->plan.objects[d->number].left : rp->plan.objects[d->number].bindings;
	memo_next(memo, range.count);
	for (uint32_t i = 0; i < range.count; i++) {
		const struct plan_binding *b = &rp->plan.bindings[range.at + i];
		struct def def = {0};

		if (b->object != PLAN_NOBODY) {
			def.dso = rp->objects[b->object];
			def.sym = target_of(def.dso, b);
		}
		if (!def.dso || def.sym)
			memo_add(memo, b->key, &def);
	}
}

int replay_prepare(struct loader *ld)
{
	struct replay *rp = ld->replay;

	if (!rp)
		return 0;
	rp->same_processor =
		ld->world->cpu_key && ld->world->cpu_key(ld) == rp->plan.head->pages.cpu;
	for (uint32_t i = 0; i < rp->plan.head->uniques.count; i++) {
		const struct plan_binding *b = &rp->plan.uniques[i];
		struct def def = {.dso = b->object == PLAN_NOBODY ? NULL : rp->objects[b->object]};
		struct wanted w;

		def.sym = def.dso ? target_of(def.dso, b) : NULL;
		if (!def.sym || def.sym->st_name >= def.dso->symtab.str_size)
			continue;
		w = symbol_wanted(def.dso->symtab.str + def.sym->st_name, NULL);
		if (unique_settle(ld, &w, &def) < 0)
			return -1;
	}
	return 0;
}

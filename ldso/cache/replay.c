/* replay.c: a start by a plan; see replay.h.
 *
 * First everything is checked and mapped, and only then does anything enter the load order: a fact
 * that does not hold, or an address that is taken, leaves nothing behind but a cold start.
 */
#include "cache/replay.h"
#include "base/mem.h"
#include "base/path.h"
#include "cache/record.h"
#include "load/load.h"
#include "load/map.h"
#include "object/dynamic.h"
#include "object/load_order.h"
#include "search/expand.h"
#include "search/hwcaps.h"
#include "search/search.h"
#include "state/libc.h"
#include "symbol/unique.h"
#include "tls/tls.h"

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

size_t replay_build(const struct loader *ld, char *key, size_t n)
{
	size_t done = format(key, n, "%s", "");
	unsigned char id[IDENTITY];

	if (identity_of_object(ld->self, id))
		for (size_t i = 0; i < sizeof id; i++)
			done += format(key + done, n - done, "%02x", id[i]);
	return done;
}

/* A string that may be absent, in a way that no string looks; its final 0 is part of the key, or a
 * text could look like two. */
static size_t key_text(char *key, size_t n, const char *name, const char *text)
{
	return format(key, n, "%s%s%s", name, text ? "=" : "", text ? text : "") + 1;
}

/* The program's own file, in program (size bytes).  As a command its $ORIGIN is where it was found,
 * by a symbolic link perhaps, and the result; NULL: that is the same. */
static const char *find_program(struct loader *ld, char *program, size_t size)
{
	const char *origin;
	size_t n;

	plan_program_file(ld, program, size);
	if (!ld->config.command || !strcmp(program, ld->program->path))
		return NULL;
	origin = search_origin(ld, ld->program);
	n = (size_t)(path_base(program) - program);
	return origin && (strlen(origin) + 1 != n || memcmp(origin, program, n - 1)) ? origin
										     : NULL;
}

/* Whether the program was started as PT_INTERP or as a command is not in it: that decides nothing.
 * Nor is the name that it was started by, but for its directory and for --inhibit-rpath. */
size_t replay_key(struct loader *ld, char *key)
{
	const struct config *c = &ld->config;
	char program[4096];
	const char *found_in = find_program(ld, program, sizeof program);
	const struct {
		const char *name, *text;
	} texts[] = {
		{"program", program},
		{"found-in", found_in},
		{"named", c->inhibit_rpath ? ld->program->path : NULL},
		{"world", ld->abi->name},
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
	size_t n = replay_build(ld, key, REPLAY_KEY);

	n++;
	n += format(key + n, REPLAY_KEY - n, "%d%d%d%d%d %zx", c->bind_now, c->bind_lazy,
		     c->dynamic_weak, c->inhibit_cache, c->secure, c->page) +
	     1;
	for (size_t i = 0; i < COUNT(texts) && n < REPLAY_KEY; i++)
		n += key_text(key + n, REPLAY_KEY - n, texts[i].name, texts[i].text);
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

static bool identify(struct loader *ld, const struct plan_fact *f, const char *path, uint64_t *size,
	unsigned char id[IDENTITY])
{
	struct file_info info;

	if (f->kind == FACT_CONTENTS)
		return identity_of_contents(ld, path, size, id);
	if (path[0])
		return identity_of_elf(path, size, id);
	if (!ld->program->phdr) /* it is not mapped: nobody starts it, somebody asks */
		return identity_of_elf(ld->program->path, size, id);
	if (sys_stat(plan_program_path(ld), &info) < 0)
		return false;
	*size = info.size;
	return identity_of_object(ld->program, id);
}

/* The same of a file that may lie on another host than the plan was made on. */
static bool check_contents(struct loader *ld, const struct plan_fact *f, const char *path)
{
	unsigned char id[IDENTITY];
	uint64_t size;
	bool known = identify(ld, f, path, &size, id);

	return (known && size == f->size && !memcmp(id, f->id, sizeof id)) ||
	       missed(ld, "%s has other contents", path[0] ? path : ld->program->path);
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
	case FACT_BUILD_ID:
	case FACT_CONTENTS: return check_contents(ld, f, text);
	default: return check_path(ld, f, text);
	}
}

bool replay_facts(struct loader *ld, const struct plan *p, bool libraries)
{
	for (uint32_t i = 0; i < p->head->facts.count; i++)
		if ((libraries || !plan_is_of_library(p, &p->facts[i])) &&
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

static int no_pages(struct loader *ld, int error, const char *why)
{
	missed(ld, "no snapshot: %s", why);
	return error;
}

int replay_open_pages(struct loader *ld, const struct store *s, const struct plan *plan)
{
	const struct plan_pages *p = &plan->head->pages;
	struct file_info info;
	int fd;

	if (!p->name)
		return no_pages(ld, -SYS_ENOENT, "the plan has none");
	fd = store_open_file(ld, s, plan->strings + p->name, &info);
	if (fd < 0)
		return no_pages(ld, fd, errno_text(fd));
	if (info.dev == p->dev && info.ino == p->ino && info.size == p->size &&
		info.mtime == p->mtime && info.ctime == p->ctime && is_of_this_boot(&info))
		return fd;
	sys_close(fd);
	if (!is_of_this_boot(&info))
		return no_pages(ld, -SYS_EAGAIN, "it is from before the last boot");
	return no_pages(ld, -SYS_EPERM, "its file is not the one that was written");
}

/* ---- Objects ---- */

/* Before it is mapped, and then. */
static bool may_be_same(const struct plan_fact *f, const struct file_info *info)
{
	return f->kind == FACT_BUILD_ID ? f->size == info->size : is_same(f, info);
}

static bool has_its_id(const struct plan_fact *f, const struct dso *d)
{
	unsigned char id[IDENTITY];

	return f->kind != FACT_BUILD_ID ||
	       (identity_of_object(d, id) && !memcmp(id, f->id, sizeof id));
}

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
	if (found.fd < 0 || sys_fstat(found.fd, &found.info) < 0 || !may_be_same(f, &found.info)) {
		missed(ld, "%s has changed", found.path);
	} else {
		if (place && o->flags & PLAN_PLACED) {
			place->start = o->start;
			place->kept = o->flags & PLAN_FIXED;
			place->offset = o->offset;
			found.place = place;
		}
		mapped = !(place && o->start % ld->config.page) && map_object(ld, &found, d) == 0;
		if (!mapped)
			missed(ld, "%s cannot be mapped", found.path);
		else if (!has_its_id(f, d)) {
			mapped = missed(ld, "%s has other contents", found.path);
			map_remove(ld, d);
		}
	}
	if (found.fd >= 0)
		sys_close(found.fd);
	if (!mapped)
		return NULL;
	d->placed = found.place != NULL;
	d->fixed = d->placed && place->kept;
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

/* Whether this start could leave a plan with pages where there are none, or none of this boot. What
 * was made for other hosts has none, and is not to be made again by each of them. */
static bool lacks_pages(const struct loader *ld, const struct replay *rp)
{
	return ld->config.cache == CACHE_SNAPSHOT && !rp->plan.head->pages.portable &&
	       store_is_writable(&rp->store) && record_may_keep_pages();
}

static int open_pages(struct loader *ld, const struct replay *rp)
{
	if (ld->config.cache == CACHE_BINDINGS)
		return -1;
	return replay_open_pages(ld, &rp->store, &rp->plan);
}

/* With the snapshot's data if the snapshot is good and its addresses are free. */
static bool map_libraries(struct loader *ld, struct replay *rp)
{
	const struct plan_pages *p = &rp->plan.head->pages;
	struct placement place = {
		.fd = open_pages(ld, rp), .dev = p->dev, .ino = p->ino, .size = p->size};
	bool mapped = false;

	if (place.fd >= 0) {
		if (ld->abi->recall_processor)
			ld->abi->recall_processor(
				rp->plan.processor, rp->plan.head->processor.count);
		mapped = map_all(ld, rp, &place);
		sys_close(place.fd);
	} else if (lacks_pages(ld, rp)) {
		return false; /* the reason is told */
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
		d->dynamic_done = d->fixed && o->flags & PLAN_DYNAMIC;
		if (o->flags & PLAN_LIBC)
			ld->base.libc = d;
		d->residue = rp->plan.words + o->residue.at;
		d->nresidue = o->residue.count;
		if (dynamic_decode(ld, d) < 0 || (d->tls.memsz && tls_add(ld, d) < 0))
			return -1;
		d->lazy = d->fixed && d->pltgot && o->flags & PLAN_LAZY;
	}
	if (i)
		load_order_append(ld, d);
	d->deps = dso_alloc(ld, d, (o->deps.count + 1) * sizeof *d->deps);
	if (!d->deps)
		return fail(ld, "%s: no memory for its %u dependencies", d->path, o->deps.count);
	for (uint32_t k = 0; k < o->deps.count; k++)
		d->deps[d->ndeps++] = rp->objects[rp->plan.words[o->deps.at + k]];
	return 0;
}

/* ---- A plan ---- */

bool replay_follow(struct loader *ld, struct replay *rp, const char *key, size_t n)
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
	/* Those of the libraries wait until they are opened. */
	if (rp->objects && replay_facts(ld, &rp->plan, false)) {
		rp->objects[0] = ld->program;
		if (map_libraries(ld, rp))
			return true;
	}
	store_unmap(ld, &file);
	return false;
}

/* Where a libc relocates itself and there is nothing else, nothing is left to be remembered. */
static bool is_alone_with_libc(const struct loader *ld)
{
	const struct dso *d = ld->program;
	bool alone = ld->abi->open_libc && !ld->config.preload && !ld->config.preload_option;

	for (size_t i = 0; alone && i < d->nneeded; i++)
		alone = ld->abi->is_libc(d->needed[i]);
	return alone;
}

/* LD_DYNAMIC_WEAK: a slot that waits may find a strong definition that is not there yet.  In secure
 * mode the caller, who is not to be trusted, would choose what others are left, and could try one
 * base again and again. */
const char *replay_excluded(const struct loader *ld)
{
	const struct config *c = &ld->config;

	if (c->cache == CACHE_OFF)
		return "MYLD_CACHE=off";
	if (c->debug)
		return "LD_DEBUG";
	if (c->bind_not)
		return "LD_BIND_NOT";
	if (c->dynamic_weak)
		return "LD_DYNAMIC_WEAK";
	if (c->secure)
		return "secure mode";
	if (c->exec_system_loader)
		return "--exec-system-loader";
	if (is_alone_with_libc(ld))
		return "its only library, which relocates itself";
	return NULL;
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
	char key[REPLAY_KEY];
	size_t n = 0;

	if (ld->config.mode != MODE_RUN || replay_excluded(ld))
		return 0;
	for (size_t i = 0; i < 2; i++) {
		struct store s;
		bool done;

		if (store_open(ld, places[i], &s) < 0)
			continue;
		if (!rp) {
			rp = arena_alloc(&ld->scratch, sizeof *rp);
			n = replay_key(ld, key);
		}
		rp->store = s;
		done = n < sizeof key && replay_follow(ld, rp, key, n);
		if (!done && notes.dir < 0 && n < sizeof key && store_is_writable(&s))
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

void replay_object(struct loader *ld, const struct dso *d)
{
	struct replay *rp = ld->replay;
	struct plan_range range;

	if (!rp)
		return;
	rp->next = rp->end = NULL;
	if (d->number >= rp->plan.head->objects.count || rp->objects[d->number] != d)
		return;
	range = d->fixed ? rp->plan.objects[d->number].left : rp->plan.objects[d->number].bindings;
	rp->next = rp->plan.bindings + range.at;
	rp->end = rp->next + range.count;
}

bool replay_knows(const struct loader *ld, uint32_t key)
{
	const struct replay *rp = ld->replay;

	return rp && rp->next != rp->end && rp->next->key == key;
}

bool replay_binding(struct loader *ld, uint32_t key, struct def *def)
{
	struct replay *rp = ld->replay;
	const struct plan_binding *b;

	if (!replay_knows(ld, key))
		return false;
	b = rp->next++;
	*def = (struct def){0};
	if (b->object == PLAN_NOBODY)
		return true;
	def->dso = rp->objects[b->object];
	def->sym = target_of(def->dso, b);
	return def->sym != NULL;
}

int replay_prepare(struct loader *ld)
{
	struct replay *rp = ld->replay;

	if (!rp)
		return 0;
	rp->same_processor = ld->abi->cpu_key && ld->abi->cpu_key(ld) == rp->plan.head->pages.cpu;
	for (uint32_t i = 0; i < rp->plan.head->uniques.count; i++) {
		const struct plan_binding *b = &rp->plan.uniques[i];
		struct def def = {.dso = b->object == PLAN_NOBODY ? NULL : rp->objects[b->object]};
		struct wanted w;

		def.sym = def.dso ? target_of(def.dso, b) : NULL;
		if (!def.sym || def.sym->st_name >= def.dso->symtab.str_size)
			continue;
		w = symbol_wanted(def.dso->symtab.str + def.sym->st_name, NULL);
		if (unique_canonicalize(ld, &w, &def) < 0)
			return -1;
	}
	return 0;
}

/* replay.c: a start by a plan; see replay.h.
 *
 * Everything is checked and mapped before any object joins the load order, so that a cold start is
 * still possible if a fact does not hold or an address is taken.
 */
#include "cache/replay.h"
#include "base/mem.h"
#include "cache/facts.h"
#include "cache/miss.h"
#include "cache/pages.h"
#include "cache/remembered.h"
#include "load/map.h"
#include "object/dynamic.h"
#include "object/load_order.h"
#include "state/libc.h"
#include "symbol/unique.h"
#include "tls/tls.h"

/* ---- Objects ---- */

/* Checks the file before it is mapped. */
static bool may_be_same(const struct plan_fact *f, const struct file_info *info)
{
	return f->kind == FACT_BUILD_ID ? f->size == info->size : facts_is_same_file(f, info);
}

/* Checks the mapped object, if the fact is about its build-id. */
static bool has_same_id(const struct plan_fact *f, const struct dso *d)
{
	unsigned char id[IDENTITY];

	return f->kind != FACT_BUILD_ID ||
	       (identity_of_object(d, id) && !memcmp(id, f->id, sizeof id));
}

/* Maps the library; returns NULL, or the format of a reason why not. */
static const char *map_checked(
	struct loader *ld, struct dso *d, struct found *found, const struct plan_fact *f)
{
	if (found->fd < 0 || sys_fstat(found->fd, &found->info) < 0 ||
		!may_be_same(f, &found->info))
		return "%s has changed";
	if ((found->place && found->place->start % ld->config.page) || map_object(ld, found, d) < 0)
		return "%s cannot be mapped";
	if (has_same_id(f, d))
		return NULL;
	map_remove(ld, d);
	return "%s has other contents";
}

/* Maps the library with index i: at the plan's address and with the snapshot's data, or, if place
 * is NULL, anywhere and with its own data.  Returns NULL if that fails; miss_reason() says why. */
static struct dso *map_library(
	struct loader *ld, struct replay *rp, uint32_t i, struct placement *place)
{
	const struct plan *p = &rp->plan;
	const struct plan_object *o = &p->objects[i];
	struct found found = {.path = (char *)p->strings + o->path};
	struct dso *d = dso_new(ld, DSO_LIBRARY);
	const char *why;

	if (!d)
		return NULL;
	if (place && o->flags & PLAN_PLACED) {
		place->start = o->start;
		place->kept = o->flags & PLAN_FIXED;
		place->offset = o->offset;
		found.place = place;
		d->prelink = place->kept ? PRELINK_MAPPED : PRELINK_PLACED;
	}
	found.fd = sys_open(found.path);
	why = map_checked(ld, d, &found, &p->facts[o->fact]);
	if (found.fd >= 0)
		sys_close(found.fd);
	if (why) {
		miss(ld, why, found.path);
		return NULL;
	}
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

/* Whether this start should record the plan again, with a snapshot.  A portable plan has none by
 * design. */
static bool should_record_pages(
	const struct loader *ld, const struct plan *plan, const struct store *s)
{
	return ld->config.cache == CACHE_SNAPSHOT && !plan->head->pages.portable &&
	       store_is_writable(s) && pages_may_be_kept();
}

/* Maps the plan's libraries, with the snapshot's data if the snapshot is valid and its addresses
 * are free. */
static bool map_libraries(struct loader *ld, struct replay *rp, const struct store *s)
{
	const struct plan_head *h = rp->plan.head;
	struct placement place = {
		.fd = -1, .dev = h->pages.dev, .ino = h->pages.ino, .size = h->pages.size};
	bool mapped = false;

	if (ld->config.cache != CACHE_BINDINGS)
		place.fd = pages_open(ld, s, &rp->plan);
	if (place.fd >= 0) {
		if (ld->abi->recall_processor)
			ld->abi->recall_processor(rp->plan.processor, h->processor.count);
		mapped = map_all(ld, rp, &place);
		sys_close(place.fd);
	} else if (should_record_pages(ld, &rp->plan, s)) {
		return false; /* pages_open() has set the reason */
	}
	return mapped || map_all(ld, rp, NULL);
}

static int set_remembered(
	struct loader *ld, const struct plan *p, const struct plan_object *o, struct dso *d)
{
	d->remembered = dso_alloc(ld, d, sizeof *d->remembered);
	if (!d->remembered)
		return fail(ld, "%s: no memory for its part of the plan", d->path);
	*d->remembered = (struct remembered){.number = (uint32_t)(o - p->objects),
		.left = {p->words + o->left.at, o->left.count}};
	return 0;
}

static int add_library(
	struct loader *ld, const struct replay *rp, const struct plan_object *o, struct dso *d)
{
	bool fixed = d->prelink == PRELINK_MAPPED;

	d->needed_by = rp->objects[o->needed_by];
	d->preloaded = o->flags & PLAN_PRELOADED;
	d->dynamic_relocated = fixed && o->flags & PLAN_DYNAMIC;
	if (o->flags & PLAN_LIBC)
		ld->base.libc = d;
	if (dynamic_decode(ld, d) < 0 || (d->tls.memsz && tls_add(ld, d) < 0))
		return -1;
	d->lazy = fixed && d->pltgot && o->flags & PLAN_LAZY;
	return 0;
}

static int add_object(struct loader *ld, const struct replay *rp, uint32_t i)
{
	const struct plan_object *o = &rp->plan.objects[i];
	struct dso *d = rp->objects[i];

	if (set_remembered(ld, &rp->plan, o, d) < 0 ||
		(o->flags & PLAN_LIBRARY && add_library(ld, rp, o, d) < 0))
		return -1;
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

bool replay_open(
	struct loader *ld, struct replay *rp, const struct store *s, const char *key, size_t n)
{
	struct store_file file;
	char name[STORE_NAME];
	int e;

	plan_name(PLAN_START, key, n, name);
	e = store_map(ld, s, name, &file);
	if (e < 0)
		return miss(ld, "no plan: %s", errno_text(e));
	if (!plan_open(&rp->plan, PLAN_START, &file, key, n)) {
		store_unmap(ld, &file);
		return miss(ld, "the plan %s is damaged, or for another key", name);
	}
	rp->objects = arena_alloc(&ld->scratch, rp->plan.head->objects.count * sizeof *rp->objects);
	if (rp->objects && facts_hold(ld, &rp->plan, FACTS_BUT_LIBRARIES)) {
		rp->objects[0] = ld->program;
		if (map_libraries(ld, rp, s))
			return true;
	}
	store_unmap(ld, &file);
	return false;
}

/* ---- While the objects are relocated ---- */

static struct replay *replay_of(const struct loader *ld)
{
	return (struct replay *)ld->bindings;
}

/* NULL: the file has no such symbol.  Nothing else is checked, since the file has not changed since
 * it was recorded. */
static const Elf_Sym *target_of(const struct dso *d, const struct plan_binding *b)
{
	const struct symtab *s = &d->symtab;
	const Elf_Sym *sym = b->target < s->limit ? &s->sym[b->target] : NULL;

	return sym && sym->st_name < s->str_size ? sym : NULL;
}

static void begin_object(struct loader *ld, struct dso *d)
{
	struct replay *rp = replay_of(ld);
	const struct plan_object *o;
	struct plan_range range;

	rp->next = rp->end = NULL;
	if (!d->remembered)
		return;
	o = &rp->plan.objects[d->remembered->number];
	range = d->prelink == PRELINK_MAPPED ? o->left_bindings : o->bindings;
	rp->next = rp->plan.bindings + range.at;
	rp->end = rp->next + range.count;
}

static bool is_next(const struct loader *ld, uint32_t key)
{
	const struct replay *rp = replay_of(ld);

	return rp->next != rp->end && rp->next->key == key;
}

static bool next_binding(struct loader *ld, struct dso *d, uint32_t key, struct def *def)
{
	struct replay *rp = replay_of(ld);
	const struct plan_binding *b;

	(void)d;
	if (!is_next(ld, key))
		return false;
	b = rp->next++;
	*def = (struct def){0};
	if (b->object == PLAN_UNDEFINED)
		return true;
	def->dso = rp->objects[b->object];
	def->sym = target_of(def->dso, b);
	return def->sym != NULL;
}

static struct relocs_left relocs_left_of(const struct loader *ld, const struct dso *d)
{
	(void)ld;
	return d->remembered->left;
}

int replay_begin(struct loader *ld, struct replay *rp)
{
	rp->bindings = (struct bindings){.complete = true,
		.begin = begin_object,
		.is_next = is_next,
		.take = next_binding,
		.left = relocs_left_of};
	ld->bindings = &rp->bindings;
	for (uint32_t i = 0; i < rp->plan.head->objects.count; i++)
		if (add_object(ld, rp, i) < 0)
			return -1;
	return 0;
}

int replay_prepare(struct loader *ld, struct replay *rp)
{
	const struct plan_head *h = rp->plan.head;

	rp->bindings.cpu_resolved = ld->abi->cpu_key && ld->abi->cpu_key(ld) == h->pages.cpu;
	for (uint32_t i = 0; i < h->uniques.count; i++) {
		const struct plan_binding *b = &rp->plan.uniques[i];
		struct def def = {
			.dso = b->object == PLAN_UNDEFINED ? NULL : rp->objects[b->object]};
		struct wanted w;

		def.sym = def.dso ? target_of(def.dso, b) : NULL;
		if (!def.sym)
			continue;
		w = symbol_wanted(def.dso->symtab.str + def.sym->st_name, NULL);
		if (unique_canonicalize(ld, &w, &def) < 0)
			return -1;
	}
	return 0;
}

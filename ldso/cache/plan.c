/* plan.c: checks and makes plans; see plan.h.
 *
 * The checksum detects accidental damage; the other checks also hold against a file with a forged
 * checksum: no offset or index in a plan that passes them leads outside of it.
 */
#include "cache/plan.h"
#include "base/hash.h"
#include "base/mem.h"

static const char magic[8] = "myldplan";

/* The sections: offsets of their range in the head and of their pointer in struct plan. */
#define SECTION(name)                                                                              \
	{                                                                                          \
		offsetof(struct plan_head, name), offsetof(struct plan, name),                     \
			sizeof *((struct plan *)0)->name                                           \
	}

static const struct {
	uint16_t range, pointer, element;
} sections[PLAN_SECTIONS] = {
	[PLAN_KEY] = SECTION(key),
	[PLAN_STRINGS] = SECTION(strings),
	[PLAN_FACTS] = SECTION(facts),
	[PLAN_OBJECTS] = SECTION(objects),
	[PLAN_WORDS] = SECTION(words),
	[PLAN_BINDINGS] = SECTION(bindings),
	[PLAN_UNIQUES] = SECTION(uniques),
	[PLAN_PROCESSOR] = {offsetof(struct plan_head, processor), offsetof(struct plan, processor),
		1},
};

void plan_name(enum plan_kind kind, const char *key, size_t n, char *name)
{
	if (kind == PLAN_START)
		format(name, STORE_NAME, "%016jx.plan", hash_text(key, n));
	else
		format(name, STORE_NAME, "%016jx.open", hash_bytes(key, n, 0));
}

/* ---- Checks ---- */

static bool find_sections(struct plan *p)
{
	for (size_t i = 0; i < PLAN_SECTIONS; i++) {
		const struct plan_range *r =
			(const void *)((const char *)p->head + sections[i].range);

		if (r->at > p->file.size || r->at % sizeof(uint64_t) ||
			r->count > (p->file.size - r->at) / sections[i].element)
			return false;
		*(const void **)(void *)((char *)p + sections[i].pointer) = p->file.data + r->at;
	}
	return true;
}

static bool within(struct plan_range r, struct plan_range all)
{
	return r.at <= all.count && r.count <= all.count - r.at;
}

static bool is_string(const struct plan *p, uint32_t at)
{
	return at < p->head->strings.count;
}

static bool check_facts(const struct plan *p)
{
	for (uint32_t i = 0; i < p->head->facts.count; i++)
		if (!is_string(p, p->facts[i].path))
			return false;
	return true;
}

bool plan_is_of_library(const struct plan *p, const struct plan_fact *f)
{
	return f->kind == FACT_LIBRARY || (f->kind == FACT_BUILD_ID && p->strings[f->path]);
}

static bool check_object(const struct plan *p, uint32_t i)
{
	const struct plan_head *h = p->head;
	const struct plan_object *o = &p->objects[i];

	if (!is_string(p, o->path) || !is_string(p, o->name) || (i && o->needed_by >= i) ||
		!within(o->deps, h->words) || !within(o->left, h->words) ||
		!within(o->bindings, h->bindings) || !within(o->left_bindings, h->bindings))
		return false;
	if (o->flags & PLAN_LIBRARY &&
		(!i || o->fact >= h->facts.count || !plan_is_of_library(p, &p->facts[o->fact])))
		return false;
	if (o->flags & PLAN_FIXED && !o->start)
		return false;
	for (uint32_t k = 0; k < o->deps.count; k++)
		if (p->words[o->deps.at + k] >= h->objects.count)
			return false;
	return true;
}

/* limit: the number of objects, or of members of a dlopen's key. */
static bool check_bindings(const struct plan *p, const struct plan_binding *list,
	struct plan_range range, uint32_t limit)
{
	bool may_look_up = p->head->kind == PLAN_DLOPEN;

	for (uint32_t i = 0; i < range.count; i++)
		if (list[i].object >= limit && list[i].object != PLAN_UNDEFINED &&
			!(may_look_up && list[i].object == PLAN_LOOK_UP))
			return false;
	return true;
}

static bool check_start(const struct plan *p)
{
	const struct plan_head *h = p->head;
	uint32_t others = 0; /* that are not libraries: the program and the loader */

	if (!is_string(p, h->pages.name) || !check_facts(p) || !h->objects.count)
		return false;
	for (uint32_t i = 0; i < h->objects.count; i++) {
		if (!check_object(p, i))
			return false;
		others += !(p->objects[i].flags & PLAN_LIBRARY);
	}
	return others == 2 && check_bindings(p, p->bindings, h->bindings, h->objects.count) &&
	       check_bindings(p, p->uniques, h->uniques, h->objects.count);
}

static bool check_dlopen(const struct plan *p)
{
	const struct plan_head *h = p->head;

	if (h->key.count < PLAN_RULES ||
		(h->key.count - PLAN_RULES) / sizeof(struct plan_member) != h->members ||
		!is_string(p, h->program) || !is_string(p, h->opened))
		return false;
	for (uint32_t i = 0; i < h->objects.count; i++)
		if (p->objects[i].member >= h->members ||
			!within(p->objects[i].bindings, h->bindings))
			return false;
	return check_bindings(p, p->bindings, h->bindings, h->members);
}

/* The checksum of the head with a sum of 0, and of all that follows. */
static uint64_t sum_of(const struct plan_head *h)
{
	struct plan_head head = *h;

	head.sum = 0;
	return hash_bytes(h + 1, h->size - sizeof *h, hash_bytes(&head, sizeof head, 0));
}

bool plan_open(
	struct plan *p, enum plan_kind kind, const struct store_file *f, const char *key, size_t n)
{
	const struct plan_head *h = (const void *)f->data;

	p->file = *f;
	p->head = h;
	if (f->size < sizeof *h || memcmp(h->magic, magic, sizeof magic) ||
		h->format != PLAN_FORMAT || h->head_size != sizeof *h || h->kind != kind ||
		h->size != f->size || !find_sections(p) ||
		(key && (h->key.count != n || memcmp(p->key, key, n))))
		return false;
	return sum_of(h) == h->sum && h->strings.count && !p->strings[h->strings.count - 1] &&
	       (kind == PLAN_START ? check_start : check_dlopen)(p);
}

/* ---- Making one ---- */

static size_t padded(size_t bytes)
{
	return (bytes + 7) & -(size_t)8;
}

const struct plan_head *plan_make(struct arena *arena, const struct plan_head *head,
	const struct plan_part parts[PLAN_SECTIONS])
{
	size_t size = sizeof *head;
	struct plan_head *h;
	uint32_t at = sizeof *head;

	for (size_t i = 0; i < PLAN_SECTIONS; i++)
		size += padded(parts[i].bytes);
	h = size > UINT32_MAX ? NULL : arena_alloc(arena, size);
	if (!h)
		return NULL;
	*h = *head;
	memcpy(h->magic, magic, sizeof magic);
	h->format = PLAN_FORMAT;
	h->head_size = sizeof *h;
	h->size = size;
	for (size_t i = 0; i < PLAN_SECTIONS; i++) {
		struct plan_range *r = (void *)((char *)h + sections[i].range);

		*r = (struct plan_range){at, (uint32_t)(parts[i].bytes / sections[i].element)};
		if (parts[i].bytes)
			memcpy((char *)h + at, parts[i].data, parts[i].bytes);
		at += (uint32_t)padded(parts[i].bytes);
	}
	h->sum = sum_of(h);
	return h;
}

/* plan.c: reads the file that one start leaves for the next; see plan.h.
 *
 * The checksum finds what a disk or a hand has changed; the checks behind it find what a checksum
 * that was made to fit would let through: nothing in a plan leads outside of it.
 */
#include "cache/plan.h"
#include "base/hash.h"
#include "base/mem.h"

static const char magic[8] = "myldplan";

void plan_name(const char *key, size_t n, char *name)
{
	format(name, STORE_NAME, "%016jx.plan", hash_text(key, n));
}

/* ---- Checks ---- */

static const void *section(const struct plan *p, struct plan_range r, size_t element)
{
	if (r.at > p->file.size || r.at % sizeof(uint64_t) ||
		r.count > (p->file.size - r.at) / element)
		return NULL;
	return p->file.data + r.at;
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
		!within(o->deps, h->words) || !within(o->residue, h->words) ||
		!within(o->bindings, h->bindings) || !within(o->left, h->bindings))
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

static bool check_bindings(
	const struct plan *p, const struct plan_binding *list, struct plan_range range)
{
	for (uint32_t i = 0; i < range.count; i++)
		if (list[i].object >= p->head->objects.count && list[i].object != PLAN_NOBODY)
			return false;
	return true;
}

static bool check(const struct plan *p)
{
	const struct plan_head *h = p->head;
	uint32_t others = 0; /* than libraries: the program and, once, the loader */

	if (!h->strings.count || p->strings[h->strings.count - 1] || !is_string(p, h->pages.name) ||
		!check_facts(p) || !h->objects.count)
		return false;
	for (uint32_t i = 0; i < h->objects.count; i++) {
		if (!check_object(p, i))
			return false;
		others += !(p->objects[i].flags & PLAN_LIBRARY);
	}
	return others == 2 && check_bindings(p, p->bindings, h->bindings) &&
	       check_bindings(p, p->uniques, h->uniques);
}

uint64_t plan_sum(const struct plan_head *h)
{
	struct plan_head head = *h;

	head.sum = 0;
	return hash_bytes(h + 1, h->size - sizeof *h, hash_bytes(&head, sizeof head, 0));
}

void plan_head_init(struct plan_head *h)
{
	*h = (struct plan_head){.format = PLAN_FORMAT, .head_size = sizeof *h};
	memcpy(h->magic, magic, sizeof magic);
}

const char *plan_program_path(const struct loader *ld)
{
	return ld->config.command ? ld->program->path : "/proc/self/exe";
}

/* One that was changed within the clock's last tick may change again and keep its times; file
 * systems of old count whole seconds. */
bool plan_is_settled(int64_t ctime, int64_t moment)
{
	return moment - ctime > (ctime % 1000000000 ? 20000000 : 2000000000);
}

bool plan_program_is(const struct loader *ld, struct file_info *info)
{
	const struct dso *p = ld->program;

	return sys_stat(plan_program_path(ld), info) == 0 &&
	       (!p->ino || (p->ino == info->ino && p->dev == info->dev));
}

void plan_program_file(const struct loader *ld, char *path, size_t n)
{
	char link[40] = "/proc/self/exe";
	int fd = -1;
	long r;

	if (ld->config.command) {
		fd = sys_open(ld->program->path);
		format(link, sizeof link, "/proc/self/fd/%d", fd);
	}
	r = sys_readlink(link, path, n - 1);
	if (r > 0)
		path[r] = 0;
	else
		format(path, n, "%s", ld->program->path);
	if (fd >= 0)
		sys_close(fd);
}

bool plan_open(struct plan *p, const struct store_file *f, const char *key, size_t n)
{
	const struct plan_head *h = (const void *)f->data;

	p->file = *f;
	p->head = h;
	if (f->size < sizeof *h || memcmp(h->magic, magic, sizeof magic) ||
		h->format != PLAN_FORMAT || h->head_size != sizeof *h || h->size != f->size)
		return false;
	p->key = section(p, h->key, 1);
	p->strings = section(p, h->strings, 1);
	p->facts = section(p, h->facts, sizeof *p->facts);
	p->objects = section(p, h->objects, sizeof *p->objects);
	p->words = section(p, h->words, sizeof *p->words);
	p->bindings = section(p, h->bindings, sizeof *p->bindings);
	p->uniques = section(p, h->uniques, sizeof *p->uniques);
	p->processor = section(p, h->processor, 1);
	if (!p->key || !p->strings || !p->facts || !p->objects || !p->words || !p->bindings ||
		!p->uniques || !p->processor ||
		(key && (h->key.count != n || memcmp(p->key, key, n))))
		return false;
	return plan_sum(h) == h->sum && check(p);
}

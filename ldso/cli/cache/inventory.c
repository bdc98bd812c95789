/* inventory.c: the contents of a cache directory, as text; see inventory.h.
 *
 * Whether a plan is valid is checked as a start would, with a placeholder for its program that has
 * only the program's path.
 */
#include "cli/cache/inventory.h"
#include "base/mem.h"
#include "cache/dlopen_cache.h"
#include "cache/facts.h"
#include "cache/key.h"
#include "cache/miss.h"
#include "cache/pages.h"
#include "state/dso.h"

#define SECOND ((int64_t)1000000000)

struct inventory {
	struct loader *ld;
	const struct store *store;
	bool damaged;
	size_t plans, opens;
	uint64_t bytes;
};

static const char *plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static size_t libraries_of(const struct plan *p)
{
	size_t n = 0;

	for (uint32_t i = 0; i < p->head->objects.count; i++)
		n += p->objects[i].flags & PLAN_LIBRARY;
	return n;
}

void inventory_describe(const struct plan *p, bool snapshot, char *text, size_t n)
{
	size_t libraries = libraries_of(p), bindings = p->head->bindings.count;

	format(text, n, "%s, %zu librar%s, %zu binding%s",
		snapshot                  ? "snapshot"
		: p->head->pages.portable ? "bindings by build-id"
					  : "bindings",
		libraries, libraries == 1 ? "y" : "ies", bindings, plural(bindings));
}

/* ---- Its key ---- */

/* The value of a name in the key, which is a sequence of strings; NULL if it is absent. */
static const char *key_value(const struct plan *p, const char *name)
{
	const char *key = p->key, *end = key + p->head->key.count;
	size_t n = strlen(name);

	while (key < end) {
		size_t len = strnlen(key, (size_t)(end - key));

		if (key + len == end)
			return NULL;
		if (len > n && !memcmp(key, name, n) && key[n] == '=')
			return key + n + 1;
		key += len + 1;
	}
	return NULL;
}

static const char *program_of(const struct plan *p)
{
	const char *program = key_value(p, "program");

	return program ? program : "(no program)";
}

static bool is_of_this_build(const struct loader *ld, const struct plan *p)
{
	char build[200];
	size_t n = key_build(ld, build, sizeof build);

	return n < sizeof build && n < p->head->key.count && !memcmp(build, p->key, n + 1);
}

/* NULL, or why no start would use the plan now. */
static const char *why_stale(struct loader *ld, const struct plan *p)
{
	struct dso *d;

	if (!is_of_this_build(ld, p))
		return "recorded by another build of the loader";
	d = dso_new(ld, DSO_PROGRAM);
	if (!d)
		return "out of memory";
	d->path = program_of(p);
	ld->program = d;
	return facts_hold(ld, p, FACTS_ALL) ? NULL : miss_reason();
}

/* ---- A list ---- */

static void size_text(uint64_t bytes, char text[24])
{
	if (bytes < (uint64_t)10 << 20)
		format(text, 24, "%zuK", (size_t)((bytes + 1023) >> 10));
	else
		format(text, 24, "%zuM", (size_t)((bytes + 1048575) >> 20));
}

static void age_text(int64_t then, char text[24])
{
	int64_t s = (sys_clock(SYS_CLOCK_REALTIME) - then) / SECOND;
	size_t age = s < 0 ? 0 : (size_t)s;

	if (age < 100)
		format(text, 24, "%zu s", age);
	else if (age < 100 * 60)
		format(text, 24, "%zu min", age / 60);
	else if (age < 48 * 3600)
		format(text, 24, "%zu h", age / 3600);
	else
		format(text, 24, "%zu d", age / (24 * 3600));
}

static void print_row(struct loader *ld, const struct store *s, const struct plan *p, int64_t then)
{
	char plan[24], pages[24] = "-", age[24];
	const char *why = why_stale(ld, p), *other = "";
	int fd = pages_open(ld, s, p);

	size_text(p->head->size, plan);
	age_text(then, age);
	if (p->head->pages.name)
		size_text(p->head->pages.size, pages);
	if (!why && fd < 0 && p->head->pages.name)
		other = miss_reason();
	if (fd >= 0)
		sys_close(fd);
	print(1, "  %-8s %9zu %8zu %7s %7s %7s  %s: %s%s%s\n",
		p->head->pages.portable ? "build-id"
		: fd < 0                ? "bindings"
					: "snapshot",
		libraries_of(p), (size_t)p->head->bindings.count, plan, pages, age, program_of(p),
		why ? why : "valid", *other ? ", " : "", other);
}

/* Prints a line about a dlopen's plan. */
static void print_open(struct inventory *v, const struct plan *p, int64_t then)
{
	const char *why = dlopen_cache_stale(v->ld, p);
	char size[24], age[24];

	size_text(p->head->size, size);
	age_text(then, age);
	print(1, "  %-8s %9zu %8zu %7s %7s %7s  %s in %s: %s\n", "dlopen",
		(size_t)p->head->objects.count, (size_t)p->head->bindings.count, size, "-", age,
		dlopen_cache_opened(p), dlopen_cache_program(p), why ? why : "valid");
}

static void list_one(void *arg, const char *name, const struct file_info *info)
{
	struct inventory *v = arg;
	struct arena_mark mark = arena_mark(&v->ld->scratch);
	struct store_file file;
	struct plan plan;
	enum store_kind kind = store_kind(name);

	if (kind != STORE_PLAN && kind != STORE_PAGES && kind != STORE_OPEN)
		return;
	v->bytes += info->size;
	if (kind == STORE_PAGES || store_map(v->ld, v->store, name, &file) < 0)
		return;
	if (kind == STORE_OPEN && plan_open(&plan, PLAN_DLOPEN, &file, NULL, 0)) {
		v->opens++;
		print_open(v, &plan, info->mtime);
	} else if (kind == STORE_PLAN && plan_open(&plan, PLAN_START, &file, NULL, 0)) {
		v->plans++;
		print_row(v->ld, v->store, &plan, info->mtime);
	} else {
		print(1, "  %s: not a plan of this version, or damaged (--cache verify)\n", name);
	}
	store_unmap(v->ld, &file);
	arena_release(&v->ld->scratch, mark);
}

int inventory_list(struct loader *ld, const struct store *s)
{
	struct inventory v = {.ld = ld, .store = s};
	char bytes[24], limit[24];
	int e;

	print(1, "  %-8s %9s %8s %7s %7s %7s  program: whether a start would use it now\n", "kind",
		"libraries", "bindings", "plan", "pages", "age");
	e = store_walk(ld, s, list_one, &v);
	size_text(v.bytes, bytes);
	size_text(store_limit(ld, s), limit);
	print(1, "  %zu plan%s", v.plans, plural(v.plans));
	if (v.opens)
		print(1, ", %zu dlopen%s", v.opens, plural(v.opens));
	print(1, "; %s of at most %s\n", bytes, limit);
	return e;
}

/* ---- A check ---- */

static void print_result(struct inventory *v, const char *name, const char *state, const char *what)
{
	v->damaged |= !strcmp(state, "damaged");
	print(1, "  %s: %s%s%s\n", name, state, *what ? ": " : "", what);
}

static void print_unmapped(struct inventory *v, const char *name, int e)
{
	print_result(v, name, "damaged",
		e == -SYS_EPERM    ? "expected a regular file of root's or the user's own that "
				     "others cannot write to"
		: e == -SYS_EINVAL ? "empty, or too large"
				   : errno_text(e));
}

/* Opens the file of a plan; false if it is not a complete, undamaged plan with the right name,
 * after a line that says why. */
static bool open_plan(struct inventory *v, const char *name, enum plan_kind kind, struct plan *p,
	struct store_file *file)
{
	const struct plan_head *h;
	char own_name[STORE_NAME];
	int e = store_map(v->ld, v->store, name, file);
	const char *what = "its checksum or its structure is wrong", *state = "damaged";

	if (e < 0) {
		print_unmapped(v, name, e);
		return false;
	}
	h = (const void *)file->data;
	if (file->size >= sizeof *h && h->format != PLAN_FORMAT) {
		state = "stale";
		what = "written by another version of the loader";
	} else if (plan_open(p, kind, file, NULL, 0)) {
		plan_name(kind, p->key, p->head->key.count, own_name);
		if (!strcmp(name, own_name))
			return true;
		what = "its name is that of another plan";
	}
	print_result(v, name, state, what);
	store_unmap(v->ld, file);
	return false;
}

static void verify_plan(struct inventory *v, const char *name, enum plan_kind kind)
{
	struct store_file file;
	struct plan plan;
	const char *why;

	if (!open_plan(v, name, kind, &plan, &file))
		return;
	why = kind == PLAN_START ? why_stale(v->ld, &plan) : dlopen_cache_stale(v->ld, &plan);
	if (why)
		print_result(v, name, "stale", why);
	else
		print_result(v, name, "good",
			kind == PLAN_START ? program_of(&plan) : dlopen_cache_opened(&plan));
	store_unmap(v->ld, &file);
}

/* Checks that the file is the one that the plan names.  Its contents are not checked: a later write
 * would have changed its times. */
static void verify_pages(struct inventory *v, const char *name)
{
	char plan_file[STORE_NAME];
	struct store_file file;
	struct plan p;
	int fd;

	format(plan_file, STORE_KEY + 1, "%s", name);
	format(plan_file + STORE_KEY, sizeof plan_file - STORE_KEY, ".plan");
	if (store_map(v->ld, v->store, plan_file, &file) < 0) {
		print_result(v, name, "left behind", "its plan does not exist");
		return;
	}
	if (!plan_open(&p, PLAN_START, &file, NULL, 0) ||
		strcmp(p.strings + p.head->pages.name, name)) {
		print_result(v, name, "left behind", "its plan does not name it");
	} else {
		fd = pages_open(v->ld, v->store, &p);
		if (fd >= 0)
			print_result(v, name, "good", program_of(&p));
		else
			print_result(
				v, name, fd == -SYS_EAGAIN ? "stale" : "damaged", miss_reason());
		if (fd >= 0)
			sys_close(fd);
	}
	store_unmap(v->ld, &file);
}

static void verify_limit(struct inventory *v, const char *name)
{
	struct file_info info;
	int fd = store_open_file(v->ld, v->store, name, &info);
	char text[STORE_KEY * 2] = "";
	uint64_t bytes;

	if (fd >= 0) {
		sys_pread(fd, text, sizeof text - 1, 0);
		sys_close(fd);
	}
	if (store_size(text, &bytes))
		print_result(v, name, "good", "");
	else
		print_result(v, name, "damaged",
			fd < 0 ? errno_text(fd)
			       : "expected a number of bytes, or one and K, M or G");
}

static void verify_one(void *arg, const char *name)
{
	struct inventory *v = arg;
	struct arena_mark mark = arena_mark(&v->ld->scratch);

	switch (store_kind(name)) {
	case STORE_PLAN: verify_plan(v, name, PLAN_START); break;
	case STORE_PAGES: verify_pages(v, name); break;
	case STORE_OPEN: verify_plan(v, name, PLAN_DLOPEN); break;
	case STORE_SETTING: verify_limit(v, name); break;
	case STORE_TEMPORARY:
		print_result(v, name, "left behind", "or being written just now");
		break;
	case STORE_FOREIGN:
		if (strcmp(name, ".") && strcmp(name, ".."))
			print_result(v, name, "ignored", "not a file of the loader's");
	}
	arena_release(&v->ld->scratch, mark);
}

int inventory_verify(struct loader *ld, const struct store *s)
{
	struct inventory v = {.ld = ld, .store = s};
	int e = store_names(s, verify_one, &v);

	return e < 0 ? e : v.damaged;
}

/* plan.c: plans that were changed, with sums that fit, and what goes by them.
 *
 * First a start leaves a plan and its pages, and a dlopen one of its own; then each input is a list
 * of changes to these plans: where, and how.  A start goes by its plan, or it does not, and so does
 * the dlopen; nothing may be read outside of them, nothing mapped where something is, and what is
 * refused has a reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fake_sys.h"
#include "harness.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "base/hash.h"
#include "cache/cache.h"
#include "cache/plan.h"
#include "cache/replay.h"
#include "state/words.h"

enum { FILES = 8, MOST = 1 << 16, CHANGE = 7 };

const unsigned regions = 0;

/* A libc's override looks at each name. */
static uintptr_t touch_name(struct loader *ld, const char *name)
{
	(void)ld;
	harness_touch_string(name);
	return 0;
}

static const struct libc_abi of_plan = {.name = "plan",
	.words = &words_of_ldso,
	.paths = {"/in", DEBIAN_LIB},
	.match_names = true,
	.match_versions = true,
	.unique_symbols = true,
	.override = touch_name,
	.bind_lazily = true};

static struct file {
	char path[100];
	_Alignas(16) unsigned char bytes[MOST];
	size_t size;
} libraries[FILES], kept[FILES]; /* what is there at first; what the first start leaves */
static size_t nkept;
static bool left;
static bool by_snapshot; /* the last start went by a plan with pages */
static bool by_bindings; /* the last dlopen looked up nothing */

/* ---- Starts ---- */

/* run.sh says where the corpus is: the program is one of its libraries, which needs another. */
static void read_library(struct file *f, const char *name)
{
	const char *good = getenv("GOOD_LIBRARY");
	char path[4096];
	FILE *in;

	snprintf(path, sizeof path, "%.*s/%s", (int)(strrchr(good, '/') - good), good, name);
	snprintf(f->path, sizeof f->path, "/in/%s", name);
	in = fopen(path, "rb");
	if (!in)
		abort();
	f->size = fread(f->bytes, 1, sizeof f->bytes, in);
	fclose(in);
}

static struct loader *begin(void)
{
	struct loader *ld = harness_begin();

	for (struct file *f = libraries; f->size; f++)
		fake_add(f->path, f->bytes, f->size);
	ld->abi = &of_plan;
	ld->config.command = true;
	return ld;
}

static void take_program(struct loader *ld)
{
	struct found found = {.fd = sys_open(libraries[0].path), .path = libraries[0].path};
	struct dso *d = ld->program = dso_new(ld, DSO_PROGRAM);

	expect(sys_fstat(found.fd, &found.info) == 0 && map_object(ld, &found, d) == 0);
	sys_close(found.fd);
	expect(dynamic_decode(ld, d) == 0);
	load_order_append(ld, d);
	if (d->tls.memsz)
		expect(tls_add(ld, d) == 0);
	ld->self = dso_new(ld, DSO_SELF);
	ld->self->path = "/in/myld.so";
}

/* As main.c does it. */
static void load(struct loader *ld)
{
	int r;

	take_program(ld);
	r = cache_load(ld);
	by_snapshot = r > 0 && ((const struct replay *)ld->bindings)->snapshot;
	if (!r)
		r = load_needed(ld, ld->program) < 0 ? -1 : 0;
	expect((r < 0) == (ld->diag.count != 0));
	if (r < 0)
		return;
	if (!ld->self->state->listed)
		load_order_append(ld, ld->self);
	cache_loaded(ld);
	ld->base.libc = dso_next(ld->program);
	for (struct dso *d = ld->first; d; d = d->state->next)
		expect(scope_join_global(ld, &ld->base, d) == 0);
	expect(scope_make(ld, ld->program) == 0);
}

static enum bound relocate(struct loader *ld, struct reloc_work *work)
{
	enum bound r = BOUND;

	tls_lay_out(ld);
	reloc_begin(work);
	for (struct dso *d = ld->last; d && r == BOUND; d = d->state->prev)
		r = d == ld->self ? BOUND : reloc_object(ld, d, BIND_LAZY, work);
	if (r == BOUND)
		r = reloc_left(ld, work);
	return r;
}

/* As dl/dlopen.c does it. */
static void open_library(struct loader *ld)
{
	struct dso *before = ld->last, *d;
	unsigned long lookups = ld->statistics.lookups;
	struct reloc_work work;
	enum bound bound;

	d = load_object(ld, &ld->base, "libmany.so", ld->program, LOAD_NEEDED);
	expect(d && load_needed(ld, d) == 0 && scope_make(ld, d) == 0);
	for (struct dso *x = dso_next(before); x; x = dso_next(x))
		x->root = d;
	reloc_begin(&work);
	cache_dlopen_begin(ld, before, BIND_NOW);
	bound = reloc_objects(ld, before, BIND_NOW, &d->state->scope, &work);
	cache_dlopen_end(ld, bound);
	by_bindings = ld->statistics.lookups == lookups;
	expect((bound == BOUND) == (ld->diag.count == 0));
}

static void start(struct loader *ld)
{
	struct reloc_work work;

	load(ld);
	if (ld->diag.count)
		return;
	expect(cache_prepare(ld) == 0);
	expect((relocate(ld, &work) == BOUND) == (ld->diag.count == 0));
	if (ld->diag.count)
		return;
	harness_ifuncs(&work);
	reloc_copies(&work);
	cache_end(ld);
	ld->bindings = NULL;
	open_library(ld);
}

/* ---- The plan ---- */

static void leave(void)
{
	const char *path;
	const void *data;
	struct loader *ld;

	read_library(&libraries[0], "libboth.so");
	read_library(&libraries[1], "libneed.so");
	read_library(&libraries[2], "libmany.so");
	ld = begin();
	start(ld);
	expect(!ld->diag.count);
	while (fake_file(nkept, &path, &data, &kept[nkept].size)) {
		expect(nkept < FILES && kept[nkept].size <= MOST);
		strcpy(kept[nkept].path, path);
		memcpy(kept[nkept].bytes, data, kept[nkept].size);
		nkept++;
	}
	expect(nkept == 3);
	fake_keep();
	harness_end(ld);
	left = true;
}

enum { OF_START = 0, OF_DLOPEN = 16, NO_PLAN = -1 };

static int kind_of(const struct file *f)
{
	return strstr(f->path, ".plan") ? OF_START : strstr(f->path, ".open") ? OF_DLOPEN : NO_PLAN;
}

/* Where (two bytes, in words of 4), of which plan and how many bytes, and their value, which is put
 * there or added. */
static void apply_change(struct file *f, const unsigned char *change)
{
	size_t at = (change[0] | (size_t)change[1] << 8) * 4 % f->size, n = change[2] & 7;

	for (size_t i = 0; i < 4 && i <= n && at + i < f->size; i++)
		f->bytes[at + i] =
			(unsigned char)(change[3 + i] + (change[2] & 8 ? f->bytes[at + i] : 0));
}

static void make_sum_fit(struct file *f)
{
	struct plan_head *h = (struct plan_head *)f->bytes, head = *h;

	head.sum = 0;
	if (h->size >= sizeof *h && h->size <= f->size)
		h->sum = hash_bytes(h + 1, h->size - sizeof *h, hash_bytes(&head, sizeof head, 0));
}

void fuzz(struct loader *ld)
{
	static struct file changed[FILES];
	unsigned char input[MOST];
	int fd = sys_open(INPUT);
	long n = sys_pread(fd, input, sizeof input, 0);

	sys_close(fd);
	harness_end(ld);
	if (!left)
		leave();
	ld = begin();
	if (n % CHANGE) /* bytes that are left over */
		ld->config.cache = CACHE_BINDINGS;
	for (size_t i = 0; i < nkept; i++) {
		int kind = kind_of(&kept[i]);

		memcpy(&changed[i], &kept[i], sizeof kept[i]);
		for (long at = 0; at + CHANGE <= n; at += CHANGE)
			if ((input[at + 2] & OF_DLOPEN) == kind)
				apply_change(&changed[i], input + at);
		if (kind != NO_PLAN)
			make_sum_fit(&changed[i]);
		fake_add(changed[i].path, changed[i].bytes, changed[i].size);
	}
	start(ld);
	if (!n)
		expect(by_snapshot && by_bindings);
}

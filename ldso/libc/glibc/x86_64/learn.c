/* learn.c (x86_64): --learn-glibc: finds out the layout of a build that no known layout fits.
 *
 * Each known layout is corrected by what can be seen of a process of that glibc (evidence.h).  The result is
 * taken if nothing contradicts it and if no other known layout, corrected, gives another one as well.
 */
#include "libc/glibc/glibc.h"

#include "base/mem.h"
#include "base/path.h"
#include "libc/glibc/layout_file.h"
#include "libc/glibc/tunables.h"
#include "libc/glibc/x86_64/candidate.h"
#include "load/adopt.h"
#include "load/load.h"
#include "object/dynamic.h"

#define OLDEST                                                                                     \
	34 /* before, libpthread.so.0 has a part of what is asked here, and ld-linux keeps less */

struct lesson {
	struct loader *ld;
	struct dso *libc;
	struct glibc_identity id;
	struct glibc_build build;
	struct ldlinux ldlinux; /* the file beside it */
	struct evidence *evidence;
	struct candidate *best, *other; /* accepted ones; or of those that are not, the nearest */
};

static const char *row_name(size_t layout)
{
	return glibc_layout_at(layout)->name;
}

/* ---- The choice ---- */

static size_t distance(const struct lesson *s, const struct candidate *c)
{
	unsigned minor = glibc_layout_at(c->layout)->minor;
	size_t n = minor == s->build.minor ? 0 : 1000;

	for (size_t f = 0; f < GLIBC_NFIELDS; f++)
		n += candidate_value(&c->known, f) != candidate_value(&c->result, f);
	return n;
}

/* Whether a is to be preferred: with fewer problems, then with fewer moves, then the nearer one. */
static bool is_better(const struct lesson *s, const struct candidate *a, const struct candidate *b)
{
	if (a->problems != b->problems)
		return a->problems < b->problems;
	if (a->moves != b->moves && !a->problems)
		return a->moves < b->moves;
	return distance(s, a) < distance(s, b);
}

/* The first field in which two results differ; GLIBC_NFIELDS: none. */
static size_t difference(const struct candidate *a, const struct candidate *b)
{
	size_t f = 0;

	while (f < GLIBC_NFIELDS &&
		candidate_value(&a->result, f) == candidate_value(&b->result, f))
		f++;
	return f;
}

static int refuse_two(struct lesson *s, const struct candidate *a, const struct candidate *b)
{
	const char *part, *name = glibc_field_name(difference(a, b), &part);

	return fail(s->ld, "%s: not learnt: it could be near %s or %s, which then differ in %s.%s",
		s->libc->path, row_name(a->layout), row_name(b->layout), part, name);
}

/* Corrects all layouts and chooses one. */
static int choose(struct lesson *s)
{
	struct candidate *c = arena_alloc(&s->ld->scratch, 3 * sizeof *c), *spare = c + 2;
	const struct glibc_layout_row *row;

	if (!c)
		return fail(s->ld, "%s: no memory to learn it", s->libc->path);
	for (size_t i = 0; (row = glibc_layout_at(i)); i++) {
		if (row->minor < OLDEST)
			continue;
		candidate_correct(spare, i, s->evidence, &s->build);
		spare->text.buf = spare->room;
		debug(s->ld, DEBUG_FILES, "near %s: moves %u, problems %u: %s", row->name,
			spare->moves, spare->problems, spare->room);
		if (s->best && !spare->problems && !s->best->problems &&
			spare->moves == s->best->moves &&
			difference(spare, s->best) != GLIBC_NFIELDS)
			s->other = memcpy(c + 1, spare, sizeof *spare);
		if (s->best && !is_better(s, spare, s->best))
			continue;
		if (s->other &&
			(s->best->problems != spare->problems || spare->moves < s->best->moves))
			s->other = NULL;
		s->best = memcpy(c, spare, sizeof *spare);
	}
	if (!s->best)
		return fail(
			s->ld, "%s: not learnt: there is no layout to compare with", s->libc->path);
	if (s->best->problems)
		return fail(s->ld, "%s: not learnt: near %s: %s", s->libc->path,
			row_name(s->best->layout), s->best->room);
	if (s->other && difference(s->best, s->other) != GLIBC_NFIELDS)
		return refuse_two(s, s->best, s->other);
	return 0;
}

/* The facts by which known layouts are told apart have to agree with the result. */
static int check_facts(struct lesson *s)
{
	const char *symbol;

	if (glibc_facts_agree(s->ld, s->libc, &s->best->result, &symbol))
		return 0;
	return fail(s->ld, "%s: not learnt: near %s: %s says something else, or is lacking",
		s->libc->path, row_name(s->best->layout), symbol ? symbol : "ld-linux");
}

/* ---- The specimen ---- */

static int observe(struct lesson *s)
{
	struct specimen specimen;
	int r;

	s->evidence = arena_alloc(&s->ld->scratch, sizeof *s->evidence);
	if (!s->evidence)
		return fail(s->ld, "%s: no memory to learn it", s->libc->path);
	if (specimen_start(s->ld, &specimen, &s->ldlinux, s->libc) < 0)
		return -1;
	s->evidence->ld = s->ld;
	s->evidence->specimen = &specimen;
	r = evidence_collect(s->evidence, s->libc);
	if (r == 0)
		r = choose(s);
	specimen_end(&specimen);
	return r < 0 ? -1 : check_facts(s);
}

/* The loader's own part: it compares cpu_features with what it would put there itself, for a process without
 * an environment as the specimen is. */
static int prepare(struct lesson *s)
{
	struct loader *ld = s->ld;
	char **none = arena_alloc(&ld->scratch, sizeof *none);

	if (!none)
		return fail(ld, "%s: no memory to learn it", s->libc->path);
	ld->config.envp = none;
	if (ldlinux_tunables(ld, &s->ldlinux, &s->build) < 0 || tunables_init(ld, &s->build) < 0)
		return -1;
	if (!ld->vdso && adopt_vdso(ld) < 0)
		return -1;
	return ld->vdso ? dynamic_decode(ld, ld->vdso) : fail(ld, "the kernel mapped no vDSO");
}

/* ---- The answer ---- */

static void print_field(const struct lesson *s, size_t field)
{
	static const char grounds[][48] = {[GROUND_NEIGHBOURS] = "both neighbours moved alike",
		[GROUND_VERSION] = "other layouts of the version, or beside it",
		[GROUND_NEWEST] = "the newest layout"};
	uint16_t from = candidate_value(&s->best->known, field),
		 to = candidate_value(&s->best->result, field);
	unsigned ground = s->best->ground[field];
	const char *part, *name = glibc_field_name(field, &part);
	const char *by =
		ground == GROUND_WITNESS ? evidence_name(s->evidence, field) : grounds[ground];

	if (from == to)
		return;
	if (to == GLIBC_NONE || from == GLIBC_NONE)
		print(1, "  %s.%s %s (%s)\n", part, name,
			to == GLIBC_NONE ? "is not there" : "is there", by);
	else
		print(1, "  %s.%s %u -> %u (%s)\n", part, name, from, to, by);
}

static void print_newest(const struct lesson *s)
{
	for (size_t f = 0; f < GLIBC_NFIELDS; f++)
		if (s->best->ground[f] == GROUND_NEWEST) {
			const char *part, *name = glibc_field_name(f, &part);

			print(1, "  %s.%s %u, as in the newest layout: it has no witness\n", part,
				name, candidate_value(&s->best->result, f));
		}
}

static int keep(struct lesson *s, char **envp, const char *out)
{
	struct layout_file file = {.layout = s->best->result, .machine = ARCH_NAME};

	memcpy(file.build_id, s->id.id, sizeof file.build_id);
	memcpy(file.version, s->id.version, sizeof file.version - 1);
	format(file.near, sizeof file.near, "%s", row_name(s->best->layout));
	s->ld->config.envp = envp;
	if (layout_file_write(s->ld, &file, &out) < 0)
		return -1;
	print(1, "%s: glibc %s, near %s\n", s->libc->path, s->id.version, file.near);
	for (size_t f = 0; f < GLIBC_NFIELDS; f++)
		print_field(s, f);
	print_newest(s);
	print(1, "%s: written\n", out);
	return 0;
}

/* ---- The command ---- */

static int identify(struct lesson *s)
{
	if (!glibc_identify(s->libc, &s->id) || !glibc_release_of(s->id.version))
		return fail(s->ld, "%s: not learnt: it has no banner that says its version",
			s->libc->path);
	if (!s->id.id[0])
		return fail(s->ld, "%s: not learnt: it has no build-id", s->libc->path);
	s->build.minor = glibc_release_of(s->id.version);
	memcpy(s->build.version, s->id.version, sizeof s->build.version);
	if (s->build.minor < OLDEST)
		return fail(s->ld, "%s: not learnt: glibc %s is older than 2.%u", s->libc->path,
			s->id.version, OLDEST);
	return 0;
}

/* The path of the libc.so.6 that a file or a directory stands for; NULL: no memory. */
static const char *find_file(struct loader *ld, const char *file)
{
	static const char name[] = "/libc.so.6";
	struct file_info info;
	char *path;
	size_t n = strlen(file);

	if (sys_stat(file, &info) < 0 || (info.mode & FILE_TYPE) != FILE_DIRECTORY)
		return file;
	path = arena_alloc(&ld->permanent, n + sizeof name);
	if (!path)
		return NULL;
	memcpy(path, file, n);
	memcpy(path + n, name, sizeof name);
	return path;
}

/* Whether nothing is to be learnt, as a table or a file has the layout. */
static bool is_known(struct lesson *s)
{
	const struct diag before = s->ld->diag;
	const struct glibc_build *b = glibc_find_build(s->ld, s->libc);

	diag_return(&s->ld->diag, &before);
	if (!b || b->learnt)
		return false;
	print(1, "%s: nothing to learn: the layout of %s is known\n", s->libc->path, b->package);
	return true;
}

int glibc_learn(struct loader *ld, const char *file, const char *out)
{
	char **envp = ld->config.envp;
	struct lesson *s = arena_alloc(&ld->scratch, sizeof *s);

	if (ld->config.secure)
		return fail(ld, "%s: not learnt in secure mode (AT_SECURE)", file);
	file = find_file(ld, file);
	if (!s || !file)
		return fail(ld, "%s: no memory to learn it", file ? file : "libc.so.6");
	s->ld = ld;
	s->libc = load_object(ld, &ld->base, file, ld->self, LOAD_NEEDED);
	if (!s->libc)
		return -1;
	if (is_known(s))
		return 0;
	if (identify(s) < 0 || ldlinux_open_beside(ld, &s->ldlinux, s->libc) < 0 ||
		prepare(s) < 0 || observe(s) < 0)
		return -1;
	return keep(s, envp, out);
}

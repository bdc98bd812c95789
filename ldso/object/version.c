/* version.c: symbol versions (LSB Core, "Symbol Versioning"; Drepper, "How To Write Shared
 * Libraries", 3.3).
 *
 * A symbol's versym entry is an index.  DT_VERDEF gives the meaning of the indices of defined
 * symbols, DT_VERNEED that of undefined ones: both fill the same array.  Index 0 is local, 1 is the
 * base version: they have no name here.
 */
#include "object/version.h"
#include "base/hash.h"
#include "base/mem.h"
#include "base/path.h"
#include "state/libc.h"
#include "state/words.h"

#define HIDDEN 0x8000

/* A walk over the tables, which calls `each` for every version that they name. */
struct version_walk {
	struct loader *ld;
	struct dso *d;
	const Elf_Phdr *segment; /* the one in which the last entry lay; NULL at first */
	int (*each)(struct version_walk *w, unsigned index, const struct version *v);
	unsigned highest;                                  /* find_highest(): the highest index */
	void (*visit)(void *arg, const struct version *v); /* visit() calls it */
	void *arg;
};

static int string_at(struct version_walk *w, const char *tag, uintptr_t offset, const char **out)
{
	if (offset >= w->d->symtab.str_size)
		return fail(w->ld, "%s: %s: string offset 0x%lx, expected less than DT_STRSZ 0x%zx",
			w->d->path, tag, offset, w->d->symtab.str_size);
	*out = w->d->symtab.str + offset;
	return 0;
}

/* The tables lie in one segment, so only the first entry is looked for among all. */
static bool is_readable(struct version_walk *w, uintptr_t v, size_t size)
{
	const Elf_Phdr *p = w->segment;

	if (!p || v - p->p_vaddr >= p->p_memsz)
		w->segment = p = dso_load_of(w->d, v, PF_R);
	return p && size <= p->p_memsz - (v - p->p_vaddr);
}

static int check_entry(struct version_walk *w, const char *tag, uintptr_t v, size_t size)
{
	if (v % sizeof(uint32_t) || !is_readable(w, v, size))
		return fail(w->ld, "%s: %s: entry at 0x%lx: not within a readable segment",
			w->d->path, tag, v);
	return 0;
}

static int walk_needed_aux(
	struct version_walk *w, uintptr_t at, const Elf_Verneed *need, const char *file)
{
	at += need->vn_aux;
	for (unsigned i = 0; i < need->vn_cnt; i++) {
		const Elf_Vernaux *aux = dso_at(w->d, at);
		struct version v = {.file = file};

		if (check_entry(w, "DT_VERNEED", at, sizeof *aux) < 0 ||
			string_at(w, "DT_VERNEED", aux->vna_name, &v.name) < 0)
			return -1;
		v.hash = aux->vna_hash;
		v.hidden = aux->vna_other & HIDDEN;
		v.weak = aux->vna_flags & VER_FLG_WEAK;
		if (w->each(w, (aux->vna_other & VERSYM_INDEX), &v) < 0)
			return -1;
		if (!aux->vna_next)
			break;
		at += aux->vna_next;
	}
	return 0;
}

static int walk_needed(struct version_walk *w, uintptr_t at, size_t count)
{
	while (at && count--) {
		const Elf_Verneed *need = dso_at(w->d, at);
		const char *file = NULL;

		if (check_entry(w, "DT_VERNEED", at, sizeof *need) < 0)
			return -1;
		if (need->vn_version != VER_NEED_CURRENT)
			return fail(w->ld, "%s: DT_VERNEED: vn_version %u, expected %u", w->d->path,
				need->vn_version, VER_NEED_CURRENT);
		if (string_at(w, "DT_VERNEED", need->vn_file, &file) < 0 ||
			walk_needed_aux(w, at, need, file) < 0)
			return -1;
		if (!need->vn_next)
			break;
		at += need->vn_next;
	}
	return 0;
}

static int walk_defined(struct version_walk *w, uintptr_t at, size_t count)
{
	while (at && count--) {
		const Elf_Verdef *def = dso_at(w->d, at);
		const Elf_Verdaux *aux;
		struct version v = {0};

		if (check_entry(w, "DT_VERDEF", at, sizeof *def) < 0 ||
			check_entry(w, "DT_VERDEF", at + def->vd_aux, sizeof *aux) < 0)
			return -1;
		if (def->vd_version != VER_DEF_CURRENT)
			return fail(w->ld, "%s: DT_VERDEF: vd_version %u, expected %u", w->d->path,
				def->vd_version, VER_DEF_CURRENT);
		aux = dso_at(w->d, at + def->vd_aux);
		if (string_at(w, "DT_VERDEF", aux->vda_name, &v.name) < 0)
			return -1;
		v.hash = def->vd_hash;
		/* The base version is the file's, not a symbol's. */
		if (!(def->vd_flags & VER_FLG_BASE) &&
			w->each(w, (def->vd_ndx & VERSYM_INDEX), &v) < 0)
			return -1;
		if (!def->vd_next)
			break;
		at += def->vd_next;
	}
	return 0;
}

static int find_highest(struct version_walk *w, unsigned index, const struct version *v)
{
	(void)v;
	if (index > w->highest)
		w->highest = index;
	return 0;
}

static int store(struct version_walk *w, unsigned index, const struct version *v)
{
	w->d->symtab.versions[index] = *v;
	return 0;
}

static int walk_both(struct version_walk *w, const struct version_tables *t)
{
	if (walk_needed(w, t->verneed, t->nverneed) < 0)
		return -1;
	return walk_defined(w, t->verdef, t->nverdef);
}

int version_decode(struct loader *ld, struct dso *d, const struct version_tables *t)
{
	struct version_walk w = {.ld = ld, .d = d, .each = find_highest};
	struct symtab *s = &d->symtab;

	if (walk_both(&w, t) < 0)
		return -1;
	s->nversions = w.highest + 1;
	s->versions = dso_alloc(ld, d, s->nversions * sizeof *s->versions);
	if (!s->versions)
		return fail(ld, "%s: no memory for %zu symbol versions", d->path, s->nversions);
	w.each = store;
	return walk_both(&w, t);
}

/* The loaded object that a DT_VERNEED entry names, or NULL. */
static struct dso *find_file(struct loader *ld, const char *file)
{
	if (ld->abi->is_self && ld->abi->is_self(file))
		return ld->self;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if ((d->soname && !strcmp(d->soname, file)) ||
			(d->name && !strcmp(path_base(d->name), file)))
			return d;
	return NULL;
}

/* Whether the object defines versions at all. */
static bool defines_any(const struct symtab *s)
{
	for (size_t i = 0; i < s->nversions; i++)
		if (s->versions[i].name && !s->versions[i].file)
			return true;
	return false;
}

static bool defines(const struct symtab *s, const struct version *v)
{
	for (size_t i = 0; i < s->nversions; i++) {
		const struct version *own = &s->versions[i];

		if (own->name && !own->file && own->hash == v->hash && !strcmp(own->name, v->name))
			return true;
	}
	return false;
}

static int visit(struct version_walk *w, unsigned index, const struct version *v)
{
	(void)index;
	w->visit(w->arg, v);
	return 0;
}

int version_each_needed(struct loader *ld, struct dso *d,
	void (*each)(void *arg, const struct version *v), void *arg)
{
	struct version_walk w = {.ld = ld, .d = d, .each = visit, .visit = each, .arg = arg};
	uintptr_t at = 0;
	size_t count = 0;

	for (const Elf_Dyn *e = d->map->l_ld; e && e->d_tag != DT_NULL; e++) {
		if (e->d_tag == DT_VERNEED)
			at = e->d_un.d_ptr;
		else if (e->d_tag == DT_VERNEEDNUM)
			count = e->d_un.d_val;
	}
	return walk_needed(&w, at, count);
}

struct dso *version_definer(struct loader *ld, const struct version *v)
{
	struct dso *from = find_file(ld, v->file);

	return from && defines(&from->symtab, v) ? from : NULL;
}

/* What is wrong with a version that `from` should define.  A library without version definitions
 * satisfies any version, as one linked before it had versions would. */
enum flaw { FINE, NO_VERSIONS, WEAK_MISSING, MISSING };

static enum flaw flaw_of(const struct dso *from, const struct version *v)
{
	if (!from || defines(&from->symtab, v))
		return FINE;
	if (!defines_any(&from->symtab))
		return NO_VERSIONS;
	return v->weak ? WEAK_MISSING : MISSING;
}

static void warn(struct loader *ld, const struct dso *d, const struct dso *from,
	const struct version *v, enum flaw flaw)
{
	const char *program = words_name(ld, ld->program);

	if (flaw == NO_VERSIONS)
		print(2, "%s: %s: no version information available (required by %s)\n", program,
			from->path, words_name(ld, d));
	else
		print(2, "%s: %s: weak version `%s' not found (required by %s)\n", program,
			from->path, v->name, words_name(ld, d));
}

/* Reports the versions that d needs and its libraries do not define; *warned, unless it is NULL, and
 * a line on standard error: they have no versions, or only a weak one is missing. */
static int check(struct loader *ld, struct dso *d, bool *warned)
{
	const char *file = NULL; /* of the last version; those of one file follow each other */
	struct dso *from = NULL;
	int r = 0;

	for (size_t i = 0; i < d->symtab.nversions; i++) {
		const struct version *v = &d->symtab.versions[i];
		enum flaw flaw;

		if (!v->name || !v->file)
			continue;
		if (v->file != file)
			from = find_file(ld, file = v->file);
		debug(ld, DEBUG_VERSIONS,
			"checking for version `%s' in file %s [%ld] required by file %s [%ld]",
			v->name, from ? from->path : v->file, d->ns->id, d->path, d->ns->id);
		flaw = flaw_of(from, v);
		if (flaw == MISSING) {
			r = diag_about(&ld->diag, ABOUT_VERSION,
				"%s: version `%s' not found (required by %s)", from->path, v->name,
				words_name(ld, d));
		} else if (flaw && warned) {
			*warned = true;
			warn(ld, d, from, v, flaw);
		}
	}
	return r;
}

int version_check(struct loader *ld, struct dso *d)
{
	return check(ld, d, NULL);
}

int version_check_all(struct loader *ld, bool *warned)
{
	int r = 0;

	*warned = false;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (check(ld, d, warned) < 0)
			r = -1;
	return r;
}

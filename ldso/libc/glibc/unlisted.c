/* unlisted.c: builds of glibc that have no row in the tables: what their ld-linux says of them.
 *
 * A listed build is Debian's, and its tables are a copy of what the file says: then the file is not
 * read.
 */
#include "libc/glibc/glibc.h"

#include "base/list.h"
#include "base/mem.h"
#include "base/path.h"
#include "libc/glibc/ldlinux.h"
#include "state/libc.h"
#include "symbol/symbol.h"

#define PREFIX "GLIBC_"

/* ---- What is hidden ---- */

/* The version of a symbol of the loader; NULL: none. */
static const struct version *version_of(const struct symtab *s, size_t i)
{
	size_t index = s->versym[i] & VERSYM_INDEX;

	return index < s->nversions && s->versions[index].name ? &s->versions[index] : NULL;
}

/* Whether it is a version of glibc's: the loader's own are nobody else's. */
static bool is_of_glibc(const struct version *v)
{
	return v && v->name && !strncmp(v->name, PREFIX, strlen(PREFIX));
}

static bool is_newer(const struct version *v, const struct glibc_build *b)
{
	return glibc_minor(v->name + strlen(PREFIX)) > b->minor;
}

/* Hides the exports that the file (NULL: a glibc of b's version) lacks. */
static int hide(struct loader *ld, const struct glibc_build *b, struct ldlinux *f)
{
	struct symtab *s = &ld->self->symtab;
	size_t count = s->versym ? symbol_count(ld->self) : 0;
	bool *hidden = arena_alloc(&ld->permanent, count * sizeof *hidden);

	if (!hidden)
		return fail(ld, "no memory for the symbols that are hidden from a glibc %s",
			b->version);
	for (size_t i = 0; i < count; i++) {
		const struct version *v = version_of(s, i);

		if (is_of_glibc(v))
			hidden[i] = f ? !ldlinux_exports(ld, f, s->str + s->sym[i].st_name, v)
				      : is_newer(v, b);
	}
	s->hidden = hidden;
	return 0;
}

int glibc_hide_newer(struct loader *ld, const struct glibc_build *b)
{
	const struct symtab *s = &ld->self->symtab;

	/* A recent glibc has all of them. */
	for (size_t i = 0; i < s->nversions; i++)
		if (is_of_glibc(&s->versions[i]) && is_newer(&s->versions[i], b))
			return hide(ld, b, NULL);
	return 0;
}

/* ---- What the file says ---- */

static int set_paths(struct loader *ld, const struct ldlinux *f)
{
	struct libc_paths *paths = arena_alloc(&ld->permanent, sizeof *paths);

	if (!paths)
		return fail(ld, "%s: no memory for its default directories", f->dso.path);
	if (ldlinux_paths(ld, f, paths) < 0)
		return -1;
	ld->paths = paths;
	return 0;
}

int glibc_read_unlisted(struct loader *ld, const struct dso *libc, struct glibc_build *b)
{
	struct ldlinux f;

	if (ldlinux_open_beside(ld, &f, libc) < 0)
		return -1;
	if (ldlinux_tunables(ld, &f, b) < 0 || set_paths(ld, &f) < 0 || hide(ld, b, &f) < 0)
		return -1;
	ldlinux_close(ld, &f);
	return 0;
}

/* ---- Before the libc is known ---- */

/* Reads the directories that a file says, if it is an ld-linux. */
static bool read_paths(struct loader *ld, const char *path)
{
	struct diag before = ld->diag;
	struct ldlinux f;
	bool good = ldlinux_open(ld, &f, path) == 0 && set_paths(ld, &f) == 0;

	if (!good)
		diag_return(&ld->diag, &before);
	ldlinux_close(ld, &f);
	return good;
}

/* The same of one in the directories of LD_LIBRARY_PATH, where libc is looked for first. */
static bool read_beside(struct loader *ld)
{
	static const char name[] = "/" ARCH_GLIBC_LD;
	const char *rest = ld->config.library_path;
	struct arena_mark mark = arena_mark(&ld->scratch);
	bool found = false;
	size_t n;

	for (const char *dir; !found && (dir = list_next(&rest, ":;", &n));) {
		char *path = n ? arena_alloc(&ld->scratch, n + sizeof name) : NULL;

		if (!path)
			continue;
		memcpy(path, dir, n);
		memcpy(path + n, name, sizeof name);
		found = read_paths(ld, path);
	}
	arena_release(&ld->scratch, mark);
	return found;
}

const struct libc_paths *glibc_read_paths(struct loader *ld)
{
	const struct dso *d = ld->program;
	const char *path = ARCH_GLIBC_DIR ARCH_GLIBC_LD;

	if (d && ld->config.command && d->interp && !strcmp(path_base(d->interp), ARCH_GLIBC_LD))
		path = d->interp;
	if (!read_beside(ld))
		read_paths(ld, path);
	return ld->paths;
}

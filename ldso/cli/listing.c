/* listing.c: --list and LD_TRACE_LOADED_OBJECTS; see listing.h.
 *
 * ldd(1) is a script that runs the loader with these variables, and scripts read what it prints: so
 * the output is that of glibc's ld.so.  Nothing is relocated: which symbols are undefined, and which
 * libraries are unused, is asked of the lookup alone.
 */
#include "cli/listing.h"
#include "base/mem.h"
#include "object/scope.h"
#include "object/version.h"
#include "reloc/reloc.h"
#include "reloc/reloc_table.h"
#include "state/libc.h"
#include "state/words.h"

/* Digits of an address, with leading zeros. */
#if ARCH_BITS == 64
#define ADDRESS "0x%016lx"
#else
#define ADDRESS "0x%08lx"
#endif

static void print_missing(const struct loader *ld, const struct dso *after)
{
	for (const struct missing *m = ld->missing; m; m = m->next)
		if (m->after == after)
			print(1, "\t%s => not found\n", m->name);
}

static void print_object(const struct dso *d)
{
	bool named = d->kind == DSO_LIBRARY && d->name && strcmp(d->name, d->path);

	print(1, "\t%s%s%s (" ADDRESS ")\n", named ? d->name : "", named ? " => " : "", d->path,
		(unsigned long)d->start);
}

static void print_objects(const struct loader *ld)
{
	/* ld.so has itself behind the object before it, so before the vDSO if it is the first. */
	const struct dso *vdso = ld->vdso, *first = vdso ? dso_next(vdso) : NULL;

	if (first != ld->self)
		first = NULL;
	for (const struct dso *d = ld->first; d; d = dso_next(d)) {
		if (d == vdso && first)
			print_object(first);
		if (d != ld->program && d != first)
			print_object(d);
		print_missing(ld, d);
	}
}

/* ---- LD_WARN ---- */

static enum reloc_way way_of(const struct reloc *r)
{
	return r->type == ARCH_R_COPY        ? RELOC_COPY
	       : r->type == ARCH_R_JUMP_SLOT ? RELOC_FUNCTION
					     : RELOC_DATA;
}

/* Calls `each` for every symbol that d's relocations refer to, once for those in a row. */
static void each_reference(struct loader *ld, struct dso *d, bool functions,
	void (*each)(struct loader *ld, struct dso *d, const struct reloc *r))
{
	struct reloc_cursor c = {0};
	struct reloc r;
	uint32_t last = 0;

	while (reloc_next(d, &c, &r)) {
		if (!r.symbol || r.symbol == last || (!functions && way_of(&r) == RELOC_FUNCTION))
			continue;
		last = r.symbol;
		each(ld, d, &r);
	}
}

static void look_up(struct loader *ld, struct dso *d, const struct reloc *r)
{
	struct def def;

	reloc_symbol(ld, d, r->symbol, way_of(r), &def);
}

/* Prints the undefined symbols of d: those of data, and of functions that are bound at once. */
static void warn_undefined(struct loader *ld, struct dso *d)
{
	const char *name = words_name(ld, d);
	bool functions = ld->config.bind_now || d->bind_now || !ld->abi->bind_lazily;

	each_reference(ld, d, functions, look_up);
	for (const struct diag_line *l = ld->diag.first; l; l = l->next) {
		size_t n = strlen(name) + strlen(": ");

		/* The message begins with the name. */
		if (l->about == ABOUT_SYMBOL && strlen(l->text) > n)
			print(2, "%s\t(%s)\n", l->text + n, name);
	}
	diag_clear(&ld->diag);
}

/* ---- LD_VERBOSE ---- */

struct versions {
	struct loader *ld;
	struct dso *d; /* that needs them */
	bool titled, named;
};

static void print_version(void *arg, const struct version *v)
{
	struct versions *s = arg;
	const struct dso *from = version_definer(s->ld, v);

	if (!s->titled)
		print(1, "\n\tVersion information:\n");
	if (!s->named)
		print(1, "\t%s:\n", words_name(s->ld, s->d));
	s->titled = s->named = true;
	print(1, "\t\t%s (%s) %s=> %s\n", v->file, v->name, v->weak ? "[WEAK] " : "",
		from ? from->path : "not found");
}

static int print_versions(struct loader *ld)
{
	struct versions s = {.ld = ld};

	for (s.d = ld->first; s.d; s.d = dso_next(s.d)) {
		s.named = false;
		if (version_each_needed(ld, s.d, print_version, &s) < 0)
			return -1;
	}
	return 0;
}

/* ---- LD_DEBUG=unused ---- */

/* Marks the object that a symbol of the program is bound to; marks are of this walk alone. */
static void mark_used(struct loader *ld, struct dso *d, const struct reloc *r)
{
	struct def def;

	if (reloc_symbol(ld, d, r->symbol, way_of(r), &def) == BOUND)
		def.dso->state->seen = 1;
}

static bool print_unused(const char *path, bool first)
{
	print(1, "%s\t%s\n", first ? "Unused direct dependencies:\n" : "", path);
	return false;
}

static int list_unused(struct loader *ld)
{
	struct dso *p = ld->program;
	bool first = true;

	diag_clear(&ld->diag);
	if (scope_make_global(ld) < 0 || scope_make(ld, p) < 0)
		return -1;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		d->state->seen = 0;
	each_reference(ld, p, true, mark_used);
	for (size_t i = 0, found = 0; i < p->nneeded; i++) {
		const struct missing *m = ld->missing;

		while (m && m->name != p->needed[i])
			m = m->next;
		if (m)
			first = print_unused(m->name, first);
		else if (found < p->ndeps && !p->deps[found++]->state->seen)
			first = print_unused(p->deps[found - 1]->path, first);
	}
	return !first;
}

/* ---- All of it ---- */

/* Prints the missing versions, which end a start, but not this: what was reported before stays. */
static void tell_versions(struct loader *ld)
{
	struct diag before = ld->diag;
	bool warned;

	diag_clear(&ld->diag);
	if (ld->abi->match_versions && version_check_all(ld, &warned) < 0)
		words_print(ld);
	ld->diag = before;
}

/* What more a trace may want to know; -1: reported. */
static int trace(struct loader *ld)
{
	const struct config *c = &ld->config;

	if (c->warn && (scope_make_global(ld) < 0 || scope_make(ld, ld->program) < 0))
		return -1;
	for (struct dso *d = ld->last; c->warn && d; d = d->state->prev)
		if (d->kind == DSO_LIBRARY || d->kind == DSO_PROGRAM)
			warn_undefined(ld, d);
	return c->verbose ? print_versions(ld) : 0;
}

int list_libraries(struct loader *ld)
{
	tell_versions(ld);
	if (ld->config.debug & DEBUG_UNUSED)
		return list_unused(ld);
	if (ld->program->nneeded)
		print_objects(ld);
	else
		print(1, "\tstatically linked\n");
	if (ld->config.mode == MODE_TRACE)
		return trace(ld);
	return ld->diag.count ? -1 : 0;
}

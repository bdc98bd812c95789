/* layout.c: which layout a libc.so.6 has.
 *
 * A build-id that is in the table identifies a build, and so its layout.  Any other libc is judged
 * by what it says of itself: of the layouts of its version, the one is chosen with which the sizes of
 * two structures in its ld-linux, a symbol there, and the descriptions of structures that libc has
 * for debuggers (nptl_db's _thread_db_ symbols) agree.  The version alone is not sufficient: stable
 * branches and distributions move fields.
 */
#include "libc/glibc/layout.h"

#include "base/mem.h"
#include "libc/glibc/layout_file.h"
#include "libc/glibc/symfile.h"
#include "object/build_id.h"
#include "search/search.h"

/* ---- From the mapped object ---- */

static void find_build_id(const struct dso *libc, struct glibc_identity *id)
{
	unsigned char bytes[BUILD_ID_ROOM];
	size_t n = build_id_of(libc, bytes);

	_Static_assert(sizeof id->id == 2 * sizeof bytes + 1, "a build-id as text");
	for (size_t i = 0; i < n; i++)
		format(id->id + 2 * i, 3, "%02x", bytes[i]);
}

/* The first occurrence of `what` in [s, end), or NULL. */
static const char *find_text(const char *s, const char *end, const char *what)
{
	for (size_t n = strlen(what); (size_t)(end - s) >= n; s++)
		if (*s == *what && !memcmp(s, what, n))
			return s;
	return NULL;
}

/* Copies the text before the first character of `stop`; false if it is empty or does not fit, or if
 * there is no such character. */
static bool copy_until(char *to, size_t room, const char *s, const char *end, const char *stop)
{
	for (size_t i = 0; i < room && s < end; i++, s++) {
		to[i] = *s;
		if (strchr(stop, *s)) {
			to[i] = 0;
			return i > 0;
		}
	}
	return false;
}

/* Parses "GNU C Library (Debian GLIBC 2.36-9+deb12u14) stable release version 2.36.", which libc
 * prints when it is run as a program. */
static bool read_banner(const char *s, const char *end, struct glibc_identity *id)
{
	static const char start[] = "GNU C Library (", version[] = " release version ";

	s = find_text(s, end, start);
	if (!s)
		return false;
	if ((size_t)(end - s) > 256)
		end = s + 256;
	if (!copy_until(id->package, sizeof id->package, s + strlen(start), end, ")"))
		id->package[0] = 0;
	s = find_text(s, end, version);
	if (!s || !copy_until(id->version, sizeof id->version, s + strlen(version), end, ",\n"))
		return false;

	char *dot = strrchr(id->version, '.');
	if (dot && !dot[1])
		*dot = 0;
	return true;
}

static bool find_version(const struct dso *libc, struct glibc_identity *id)
{
	for (const Elf_Phdr *p = libc->phdr; p < libc->phdr + libc->phnum; p++) {
		const char *s = dso_at(libc, p->p_vaddr);

		if (p->p_type == PT_LOAD && (p->p_flags & (PF_R | PF_W)) == PF_R &&
			dso_contains(libc, p->p_vaddr, p->p_filesz, PF_R) &&
			read_banner(s, s + p->p_filesz, id))
			return true;
	}
	return false;
}

bool glibc_identify(const struct dso *libc, struct glibc_identity *id)
{
	*id = (struct glibc_identity){.id = ""};
	find_build_id(libc, id);
	return find_version(libc, id);
}

/* ---- From the files ---- */

#define ROW(member) offsetof(struct glibc_layout, member)

enum source {
	LDSO_SIZE, /* st_size of an object in ld-linux */
	LDSO_HAS, /* whether ld-linux has the symbol: 1 or 0; of a layout, whether it has the field */
	DESCRIPTION, /* in libc, for debuggers */
};

/* Symbols that tell a structure's size, a field's offset or its presence, and the corresponding
 * field of the table. */
static const struct fact {
	char symbol[52];
	uint8_t source; /* enum source */
	uint16_t field;
} facts[] = {
	{"_rtld_global_ro", LDSO_SIZE, ROW(ro.size)},
	{"_rtld_global", LDSO_SIZE, ROW(global.size)},
	{"__rseq_offset", LDSO_HAS, ROW(rules.rseq_size)},
	{"_thread_db_sizeof_rtld_global", DESCRIPTION, ROW(global.size)},
	{"_thread_db_rtld_global__dl_stack_used", DESCRIPTION, ROW(global.stack_used)},
	{"_thread_db_rtld_global__dl_stack_user", DESCRIPTION, ROW(global.stack_user)},
	{"_thread_db_rtld_global__dl_tls_dtv_slotinfo_list", DESCRIPTION,
		ROW(global.tls_dtv_slotinfo_list)},
	{"_thread_db_sizeof_pthread", DESCRIPTION, ROW(pthread.size)},
	{"_thread_db_pthread_list", DESCRIPTION, ROW(pthread.list)},
	{"_thread_db_pthread_tid", DESCRIPTION, ROW(pthread.tid)},
	{"_thread_db_pthread_specific", DESCRIPTION, ROW(pthread.specific)},
	{"_thread_db_pthread_report_events", DESCRIPTION, ROW(pthread.report_events)},
	{"_thread_db_link_map_l_tls_modid", DESCRIPTION, ROW(map.tls_modid)},
	{"_thread_db_link_map_l_tls_offset", DESCRIPTION, ROW(map.tls_offset)},
};

#define NFACTS (COUNT(facts))

struct answers {
	bool known[NFACTS];
	uint32_t value[NFACTS];
};

/* nptl_db: a size is one word, a field is {bits, elements, offset}. */
static bool read_description(const struct symfile *f, const Elf_Sym *s, uint32_t *value)
{
	uint32_t words[3];

	if (s->st_size != sizeof words && s->st_size != sizeof *words)
		return false;
	if (!symfile_read(f, s->st_value, words, s->st_size))
		return false;
	*value = words[s->st_size / sizeof *words - 1];
	return true;
}

/* The facts of an ld-linux; false if it lacks the two structures. */
static bool add_ldso(const struct symfile *f, struct answers *e)
{
	bool complete = true;

	for (size_t i = 0; i < NFACTS; i++) {
		const Elf_Sym *s;

		if (facts[i].source == DESCRIPTION)
			continue;
		s = symfile_find(f, facts[i].symbol);
		e->known[i] = s || facts[i].source == LDSO_HAS;
		e->value[i] = facts[i].source == LDSO_HAS ? s != NULL : s ? s->st_size : 0;
		complete = complete && e->known[i];
	}
	return complete;
}

/* Adds the descriptions that a library has; returns their number. */
static unsigned add_descriptions(const struct symfile *f, struct answers *e)
{
	unsigned n = 0;

	for (size_t i = 0; i < NFACTS; i++) {
		const Elf_Sym *s =
			facts[i].source == DESCRIPTION ? symfile_find(f, facts[i].symbol) : NULL;

		if (s && read_description(f, s, &e->value[i])) {
			e->known[i] = true;
			n++;
		}
	}
	return n;
}

/* Until 2.33 the descriptions for debuggers are libpthread's, among the symbols that stripping
 * removes: then the facts of ld-linux have to be enough. */
static int collect(struct loader *ld, const struct dso *libc, struct answers *e)
{
	struct symfile f;
	bool complete;
	int r;

	if (symfile_open_ldlinux(ld, &f, libc) < 0)
		return -1;
	complete = add_ldso(&f, e);
	symfile_close(&f);
	if (!complete)
		return fail(ld, "%s: its ld-linux does not define _rtld_global and _rtld_global_ro",
			libc->path);
	for (size_t i = 0, n = 0; i < 2 && n == 0; i++) {
		r = i == 0 ? symfile_open(ld, &f, libc->path)
			   : symfile_open_beside(ld, &f, libc, "libpthread.so.0");
		if (r < 0)
			return -1;
		n = add_descriptions(&f, e);
		symfile_close(&f);
	}
	return 0;
}

static uint32_t fact_of(const struct glibc_layout *l, size_t i)
{
	uint16_t value;

	memcpy(&value, (const char *)l + facts[i].field, sizeof value);
	return facts[i].source == LDSO_HAS ? value != GLIBC_NONE : value;
}

/* ---- The choice ---- */

static const struct glibc_row *row_of_id(const char *id)
{
	const struct glibc_row *row;

	for (size_t i = 0; (row = glibc_row_at(i)); i++)
		if (!strcmp(row->build_id, id))
			return row;
	return NULL;
}

/* How well layout i agrees: with how many facts it does not, and the first of these. */
struct fit {
	size_t layout, wrong, first;
};

static struct fit fit_of(size_t layout, const struct answers *e)
{
	struct fit fit = {.layout = layout};
	struct glibc_layout l;

	glibc_read_layout(layout, &l);
	for (size_t i = NFACTS; i-- > 0;)
		if (e->known[i] && e->value[i] != fact_of(&l, i)) {
			fit.first = i;
			fit.wrong++;
		}
	return fit;
}

/* Of two that agree with as many facts, the one whose first misfit comes later: sizes are first. */
static bool is_better(const struct fit *fit, const struct fit *other)
{
	return fit->wrong != other->wrong ? fit->wrong < other->wrong : fit->first > other->first;
}

/* The first layout of this version, from number i on, that agrees with all facts, or else the one
 * that agrees with most; false if the version has none. */
static bool closest(unsigned minor, const struct answers *e, size_t i, struct fit *best)
{
	const struct glibc_layout_row *row;
	bool found = false;

	for (; (row = glibc_layout_at(i)) && !(found && !best->wrong); i++) {
		struct fit fit;

		if (row->minor != minor)
			continue;
		fit = fit_of(i, e);
		if (!found || is_better(&fit, best))
			*best = fit;
		found = true;
	}
	return found;
}

/* The number of the first field that libc reads and that two layouts have different; GLIBC_NFIELDS:
 * there is none. */
static size_t difference(size_t layout, size_t other)
{
	uint16_t a[GLIBC_NFIELDS], b[GLIBC_NFIELDS];
	size_t i = 0;

	glibc_read_layout(layout, (struct glibc_layout *)a);
	glibc_read_layout(other, (struct glibc_layout *)b);
	while (i < GLIBC_NFIELDS &&
		(a[i] == b[i] || i == ROW(map.text_end) / sizeof *a)) /* only ld.so reads it */
		i++;
	return i;
}

static const char *package_of(const struct glibc_identity *id)
{
	return id->package[0] ? id->package : "unknown package";
}

/* Whether a version is older than all that have a layout. */
static bool is_too_old(const struct glibc_identity *id)
{
	const struct glibc_layout_row *row;
	unsigned minor = glibc_minor(id->version);

	for (size_t i = 0; (row = glibc_layout_at(i)); i++)
		if (row->minor <= minor)
			return false;
	return minor;
}

/* Says why there is no layout, and what helps: the generator makes none of a version that is too old. */
static int fail_unknown(
	struct loader *ld, const struct dso *libc, const struct glibc_identity *id, const char *why)
{
	bool old = is_too_old(id);

	return fail(ld, "%s: no table of this glibc's layout (%s, build-id %s): %s; %s%s%s",
		libc->path, package_of(id), id->id[0] ? id->id : "none", why,
		old ? "so old a glibc is run by its own ld-linux alone"
		    : "make one with \"make glibc-layout LIBC=",
		old ? "" : libc->path, old ? "" : "\", or try \"myld.so --learn-glibc\"");
}

/* What does not agree. */
static void describe_misfit(const struct fit *fit, const struct answers *e, char *why, size_t size)
{
	const struct fact *fact = &facts[fit->first];
	const char *name = glibc_layout_at(fit->layout)->name;
	struct glibc_layout l;
	uint32_t expected;

	glibc_read_layout(fit->layout, &l);
	expected = fact_of(&l, fit->first);
	if (fact->source == LDSO_HAS)
		format(why, size, "its ld-linux %s %s, expected %s as in %s",
			e->value[fit->first] ? "has" : "lacks", fact->symbol,
			expected ? "one" : "none", name);
	else if (expected == GLIBC_NONE)
		format(why, size, "%s says %u, expected none as in %s", fact->symbol,
			e->value[fit->first], name);
	else
		format(why, size, "%s says %u, expected %u as in %s", fact->symbol,
			e->value[fit->first], expected, name);
}

bool glibc_facts_agree(struct loader *ld, const struct dso *libc, const struct glibc_layout *l,
	const char **symbol)
{
	struct answers e = {0};

	*symbol = NULL;
	if (collect(ld, libc, &e) < 0)
		return false;
	for (size_t i = 0; i < NFACTS; i++) {
		/* libpthread.so.0 told this size, which ld-linux tells as well. */
		if (!e.known[i] && facts[i].field == ROW(global.size))
			continue;
		if (!e.known[i] || e.value[i] != fact_of(l, i)) {
			*symbol = facts[i].symbol;
			return false;
		}
	}
	return true;
}

/* 36 of "2.36"; 0 of a version that is no release, such as "2.36.9000". */
unsigned glibc_release_of(const char *version)
{
	unsigned minor = glibc_minor(version);
	char text[8];

	format(text, sizeof text, "2.%u", minor);
	return strcmp(text, version) ? 0 : minor;
}

/* The number of the layout that the facts choose, or -1 (reported). */
static int layout_by_facts(
	struct loader *ld, const struct dso *libc, const struct glibc_identity *id)
{
	unsigned minor = glibc_release_of(id->version);
	struct answers e = {0};
	struct fit fit, other;
	char why[256];

	if (!closest(minor, &e, 0, &fit)) {
		format(why, sizeof why, "there is none of version %s", id->version);
		return fail_unknown(ld, libc, id, why);
	}
	if (collect(ld, libc, &e) < 0)
		return fail_unknown(ld, libc, id, "it can't be compared with its version's");
	closest(minor, &e, 0, &fit);
	if (fit.wrong) {
		describe_misfit(&fit, &e, why, sizeof why);
		return fail_unknown(ld, libc, id, why);
	}
	for (size_t i = fit.layout; closest(minor, &e, i + 1, &other) && !other.wrong;
		i = other.layout) {
		size_t different = difference(fit.layout, other.layout);
		const char *part, *field;

		if (different == GLIBC_NFIELDS)
			continue;
		field = glibc_field_name(different, &part);
		format(why, sizeof why, "it could be %s or %s, which differ in %s.%s",
			glibc_layout_at(fit.layout)->name, glibc_layout_at(other.layout)->name,
			part, field);
		return fail_unknown(ld, libc, id, why);
	}
	debug(ld, DEBUG_FILES, "%s: laid out as %s", libc->path, glibc_layout_at(fit.layout)->name);
	return (int)fit.layout;
}

/* The layout of a build that has no row: a known one, or one that was learnt. */
static int read_unlisted(struct loader *ld, const struct dso *libc, const struct glibc_identity *id,
	struct glibc_build *b)
{
	const struct diag before = ld->diag;
	int layout = layout_by_facts(ld, libc, id);
	struct layout_file f;
	const char *why;
	int found;

	if (layout >= 0) {
		glibc_read_unknown_build((size_t)layout, b);
		return 0;
	}
	if (!glibc_release_of(id->version))
		return -1;
	found = layout_file_find(ld, id->id, &f, &why);
	if (found < 0)
		fail_further(ld, "%s", why);
	if (found <= 0)
		return -1;
	diag_return(&ld->diag, &before);
	debug(ld, DEBUG_FILES, "%s: laid out as its file of layouts says, near %s", libc->path,
		f.near);
	b->minor = glibc_release_of(id->version);
	b->layout = f.layout;
	b->learnt = true;
	return 0;
}

void glibc_warn_layout_file(struct loader *ld, const struct dso *libc)
{
	struct glibc_identity id;
	struct layout_file f;
	const char *why;

	if (glibc_identify(libc, &id) && layout_file_find(ld, id.id, &f, &why) < 0)
		print(2, "myld.so: warning: %s\n", why);
}

static int read_build(struct loader *ld, const struct dso *libc, struct glibc_build *b)
{
	struct glibc_identity id = {.id = ""};
	const struct glibc_row *row;

	find_build_id(libc, &id);
	row = row_of_id(id.id);
	if (row) {
		glibc_read_build(row, b);
		b->listed = true;
		return 0;
	}
	if (!find_version(libc, &id))
		return fail_unknown(ld, libc, &id, "it has no banner that says its version");
	if (read_unlisted(ld, libc, &id, b) < 0)
		return -1;
	memcpy(b->version, id.version, sizeof b->version);
	format(b->package, sizeof b->package, "%s", package_of(&id));
	return 0;
}

struct glibc_build *glibc_find_build(struct loader *ld, struct dso *libc)
{
	struct glibc_build found = {0}, *b;

	if (read_build(ld, libc, &found) < 0)
		return NULL;
	b = arena_alloc(&ld->permanent, sizeof *b);
	if (!b) {
		fail(ld, "%s: no memory for its layout", libc->path);
		return NULL;
	}
	*b = found;
	return b;
}

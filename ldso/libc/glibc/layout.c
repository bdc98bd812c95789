/* layout.c: identifies the build of glibc of a libc.so.6.
 *
 * A build-id that is in the table identifies a build.  A libc whose build-id is unknown may be a
 * rebuild of a known one: then the version, the sizes of two structures in its ld-linux, and the
 * descriptions of structures that libc has for debuggers (nptl_db's _thread_db_ symbols) have to
 * agree with the table.  The version alone is not sufficient: stable branches move fields.
 */
#include "libc/glibc/layout.h"

#include "base/mem.h"
#include "base/path.h"
#include "libc/glibc/symfile.h"
#include "object/build_id.h"

#define ID_SIZE 20

/* What is read from a libc. */
struct identity {
	char id[2 * ID_SIZE + 1]; /* the build-id, hexadecimal; "": none */
	char version[8];
	char package[64]; /* "Debian GLIBC 2.36-9+deb12u14" */
};

/* ---- From the mapped object ---- */

static void find_build_id(const struct dso *libc, struct identity *id)
{
	unsigned char bytes[BUILD_ID_ROOM];
	size_t n = build_id_of(libc, bytes);

	for (size_t i = 0; n == ID_SIZE && i < n; i++)
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
static bool read_banner(const char *s, const char *end, struct identity *id)
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

static bool find_version(const struct dso *libc, struct identity *id)
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

/* ---- From the files ---- */

#define FIELD(member) offsetof(struct glibc_layout, member)

/* Symbols that have a structure's size or a field's offset, and the corresponding field of the
 * table. */
static const struct fact {
	char symbol[52];
	bool of_ldso; /* st_size of an object in ld-linux; else a description in libc */
	uint16_t field;
} facts[] = {
	{"_rtld_global_ro", true, FIELD(ro.size)},
	{"_rtld_global", true, FIELD(global.size)},
	{"_thread_db_sizeof_rtld_global", false, FIELD(global.size)},
	{"_thread_db_rtld_global__dl_stack_used", false, FIELD(global.stack_used)},
	{"_thread_db_rtld_global__dl_stack_user", false, FIELD(global.stack_user)},
	{"_thread_db_rtld_global__dl_tls_dtv_slotinfo_list", false,
		FIELD(global.tls_dtv_slotinfo_list)},
	{"_thread_db_sizeof_pthread", false, FIELD(pthread.size)},
	{"_thread_db_pthread_list", false, FIELD(pthread.list)},
	{"_thread_db_pthread_tid", false, FIELD(pthread.tid)},
	{"_thread_db_pthread_specific", false, FIELD(pthread.specific)},
	{"_thread_db_pthread_report_events", false, FIELD(pthread.report_events)},
	{"_thread_db_link_map_l_tls_modid", false, FIELD(map.tls_modid)},
	{"_thread_db_link_map_l_tls_offset", false, FIELD(map.tls_offset)},
};

#define NFACTS (COUNT(facts))

struct evidence {
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

/* Adds the facts that a file has about ld-linux's objects (of_ldso), or about libc's structures.
 * Returns their number. */
static unsigned add_evidence(const struct symfile *f, bool of_ldso, struct evidence *e)
{
	unsigned n = 0;

	for (size_t i = 0; i < NFACTS; i++) {
		const Elf_Sym *s =
			facts[i].of_ldso == of_ldso ? symfile_find(f, facts[i].symbol) : NULL;

		if (!s)
			continue;
		if (of_ldso)
			e->value[i] = s->st_size;
		else if (!read_description(f, s, &e->value[i]))
			continue;
		e->known[i] = true;
		n++;
	}
	return n;
}

/* Until 2.33 the descriptions for debuggers are libpthread's. */
static int collect(struct loader *ld, const struct dso *libc, struct evidence *e)
{
	const char *const libraries[] = {path_base(libc->path), "libpthread.so.0"};
	struct symfile f;
	unsigned n = 0;

	if (symfile_open_ldlinux(ld, &f, libc) < 0)
		return -1;
	n = add_evidence(&f, true, e);
	symfile_close(&f);
	if (n < 2)
		return fail(ld, "%s: its ld-linux does not define _rtld_global and _rtld_global_ro",
			libc->path);
	for (size_t i = n = 0; i < 2 && n == 0; i++) {
		if (symfile_open(ld, &f, libc->path, libraries[i]) < 0)
			return -1;
		n = add_evidence(&f, false, e);
		symfile_close(&f);
	}
	if (n == 0)
		return fail(
			ld, "%s: no _thread_db_ symbols, there or in libpthread.so.0", libc->path);
	return 0;
}

static uint32_t fact_of(const struct glibc_layout *l, size_t i)
{
	uint16_t value;

	memcpy(&value, (const char *)l + facts[i].field, sizeof value);
	return value;
}

/* The first fact for which the evidence differs from the table; NFACTS: none. */
static size_t disagreement(const struct glibc_row *row, const struct evidence *e)
{
	struct glibc_layout l;
	size_t i = 0;

	glibc_read_layout(row, &l);
	while (i < NFACTS && (!e->known[i] || e->value[i] == fact_of(&l, i)))
		i++;
	return i;
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

/* The build of this version that agrees in the most facts (from the first on), and their number;
 * NULL if there is no build of this version. */
static const struct glibc_row *closest_row(
	const char *version, const struct evidence *e, size_t *agreed)
{
	const struct glibc_row *row, *best = NULL;

	for (size_t i = 0; (row = glibc_row_at(i)); i++) {
		size_t n;

		if (strcmp(row->version, version))
			continue;
		n = disagreement(row, e);
		if (!best || n > *agreed) {
			best = row;
			*agreed = n;
		}
	}
	return best;
}

static const struct glibc_row *fail_unknown(
	struct loader *ld, const struct dso *libc, const struct identity *id, const char *why)
{
	fail(ld,
		"%s: no table of this glibc's layout (%s, build-id %s): %s; make one with "
		"\"make glibc-layout DEB=libc6_....deb\"",
		libc->path, id->package[0] ? id->package : "unknown package",
		id->id[0] ? id->id : "none", why);
	return NULL;
}

static const struct glibc_row *row_by_evidence(
	struct loader *ld, const struct dso *libc, const struct identity *id)
{
	struct evidence e = {0};
	struct glibc_layout l;
	size_t i = 0;
	char why[256];
	const struct glibc_row *row = closest_row(id->version, &e, &i);

	if (!row) {
		format(why, sizeof why, "there is none of version %s", id->version);
		return fail_unknown(ld, libc, id, why);
	}
	if (collect(ld, libc, &e) < 0)
		return fail_unknown(ld, libc, id, "it can't be compared with its version's");
	row = closest_row(id->version, &e, &i);
	if (i < NFACTS) {
		glibc_read_layout(row, &l);
		format(why, sizeof why, "%s says %u, expected %u as in %s", facts[i].symbol,
			e.value[i], fact_of(&l, i), row->package);
		return fail_unknown(ld, libc, id, why);
	}
	debug(ld, DEBUG_FILES, "%s: taken for a rebuild of %s", libc->path, row->package);
	return row;
}

static const struct glibc_row *find_row(
	struct loader *ld, const struct dso *libc, bool *listed)
{
	struct identity id = {0};
	const struct glibc_row *row;

	find_build_id(libc, &id);
	row = row_of_id(id.id);
	*listed = row != NULL;
	if (row)
		return row;
	if (!find_version(libc, &id))
		return fail_unknown(ld, libc, &id, "it has no banner that says its version");
	return row_by_evidence(ld, libc, &id);
}

struct glibc_build *glibc_find_build(struct loader *ld, struct dso *libc)
{
	bool listed;
	const struct glibc_row *row = find_row(ld, libc, &listed);
	struct glibc_build *b;

	if (!row)
		return NULL;
	b = arena_alloc(&ld->permanent, sizeof *b);
	if (!b) {
		fail(ld, "%s: no memory for its layout", libc->path);
		return NULL;
	}
	glibc_read_build(row, b);
	b->listed = listed;
	return b;
}

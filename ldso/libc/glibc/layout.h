/* layout.h: the layout of the loader's data that a build of libc.so.6 expects.
 *
 * libc.so.6 reads and writes fields of structures that its own ld.so would define: their offsets
 * differ from version to version, and within a stable branch from build to build.  The generator
 * (gen/) extracts them from the debugging information of a libc6 package into the tables of the
 * machine's folder; offsets are defined nowhere else.
 */
#ifndef GLIBC_LAYOUT_H
#define GLIBC_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct loader;
struct dso;

#define GLIBC_NONE    0xffff /* this build has no such field */
#define GLIBC_ID_ROOM 65     /* of a build-id as text: twice BUILD_ID_ROOM, and the end */

/* Offsets in bytes from the start of a structure, and (in `rules`) what no offset tells: one member
 * for each structure, with a uint16_t for each row of the table.  The tables are those of the
 * machine's folder, which the compiler is told of (-iquote). */
struct glibc_layout {
#define PART(...)        struct {
#define FIELD(name, ...) uint16_t name;
#define END(part)                                                                                  \
	}                                                                                          \
	part;
#include "layouts.def"
};

#define GLIBC_NFIELDS (sizeof(struct glibc_layout) / sizeof(uint16_t))

enum glibc_tunable_type { TUNABLE_INT32, TUNABLE_UINT64, TUNABLE_SIZE, TUNABLE_STRING };

/* The default is that of the build's static list; ld.so changes some at run time. */
struct glibc_tunable {
	char name[44];
	char alias[25];   /* an environment variable that also sets it; "": none */
	uint8_t type;     /* enum glibc_tunable_type */
	int64_t value;    /* default; 0 for strings */
	int64_t min, max; /* -1 is the largest value of an unsigned type */
};

enum {
	GLIBC_NTUNABLES = 0 /* rows of the table, of which a build has some */
#define TUNABLE(...) +1
#include "tunables.def"
};

/* A build of libc.so.6, decoded from the tables. */
struct glibc_build {
	char version[8]; /* of gnu_get_libc_version(): "2.36" */
	unsigned minor;  /* 36 */
	char package
		[64]; /* "libc6 2.36-9+deb12u14 amd64"; of an unknown build what its banner says:
			      * "Ubuntu GLIBC 2.39-0ubuntu8.6" */
	struct glibc_layout layout;
	const struct glibc_tunable *tunables;
	uint8_t order[GLIBC_NTUNABLES]; /* index into `tunables` by id, unless by_id is set */
	size_t ntunables;               /* number of ids */
	bool by_id;                     /* `tunables` is the build's own list (ldlinux.h) */
	bool listed;                    /* its build-id has a row */
	bool learnt;                    /* its layout is that of a file (layout_file.h) */
};

/* A row of the builds' table. */
struct glibc_row {
	char build_id[41]; /* hexadecimal */
	uint8_t layout, tunables;
	char version[8];
	char package[44];
};

/* The tunable with this id, which is less than ntunables. */
static inline const struct glibc_tunable *glibc_tunable_at(const struct glibc_build *b, size_t id)
{
	return &b->tunables[b->by_id ? id : b->order[id]];
}

/* A column of the layouts' table. */
struct glibc_layout_row {
	char name[16]; /* "v2_36" */
	uint8_t minor; /* of its version: 36 */
};

/* tables.c.  Row i of the builds, or NULL if there are fewer. */
const struct glibc_row *glibc_row_at(size_t i);
void glibc_read_build(const struct glibc_row *row, struct glibc_build *b);
/* Sets what layout i says of a build that has no row: minor and layout. */
void glibc_read_unknown_build(size_t i, struct glibc_build *b);
/* Layout i, or NULL if there are fewer. */
const struct glibc_layout_row *glibc_layout_at(size_t i);
void glibc_read_layout(size_t i, struct glibc_layout *l);
/* The name, "text_end", of the field with this number in struct glibc_layout; *part: "map". */
const char *glibc_field_name(size_t field, const char **part);

/* layout.c.  The build of `libc`, allocated in the permanent arena: found by its build-id; else its
 * layout is chosen among those of its version by facts of the ld-linux file beside it (the sizes of
 * _rtld_global and _rtld_global_ro, whether there is __rseq_offset) and by libc's _thread_db_
 * symbols.  NULL (reported, with advice) if no layout agrees with all of them, or if several do
 * that differ in what libc reads. */
struct glibc_build *glibc_find_build(struct loader *ld, struct dso *libc);

/* What a libc says of itself. */
struct glibc_identity {
	char id[GLIBC_ID_ROOM]; /* the build-id, hexadecimal; "": none */
	char version[16];
	char package[64]; /* "Debian GLIBC 2.36-9+deb12u14" */
};

/* false: it has no banner that says its version. */
bool glibc_identify(const struct dso *libc, struct glibc_identity *id);
/* Whether all facts by which glibc_find_build() chooses are there and agree with a layout.  If not, *symbol is
 * the one that does not, or NULL if none could be read (reported). */
bool glibc_facts_agree(struct loader *ld, const struct dso *libc, const struct glibc_layout *l,
	const char **symbol);
/* Prints what is wrong with the file that has the layout of this libc; nothing if there is none. */
void glibc_warn_layout_file(struct loader *ld, const struct dso *libc);
/* As glibc_minor(), but 0 also of a version that is no release, such as "2.36.9000". */
unsigned glibc_release_of(const char *version);

/* 36 of "2.36"; 0 if that is no version of glibc 2. */
unsigned glibc_minor(const char *version);

#endif

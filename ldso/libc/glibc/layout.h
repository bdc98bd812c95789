/* layout.h: what a build of glibc's libc.so.6 expects of the loader's data.
 *
 * libc.so.6 reads and writes fields of structures that its own ld.so would hold: their offsets
 * differ from version to version, and within a stable branch from build to build.  The generator
 * (gen/) reads them from the debugging information of a libc6 package into the tables of the
 * machine's folder; nothing else knows an offset.
 */
#ifndef GLIBC_LAYOUT_H
#define GLIBC_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

/* The tables are the machine's own: they are included with the macros of their rows defined.  The
 * generator names those of the machine that it works for. */
#if !defined(GLIBC_LAYOUTS_DEF) && defined(__x86_64__)
#define GLIBC_LAYOUTS_DEF  "libc/glibc/x86_64/layouts.def"
#define GLIBC_TUNABLES_DEF "libc/glibc/x86_64/tunables.def"
#define GLIBC_BUILDS_DEF   "libc/glibc/x86_64/builds.def"
#endif

struct loader;
struct dso;

#define GLIBC_NONE 0xffff /* this build has no such field */

/* Offsets are bytes from the start of the structure.  A part for each structure, and in it a
 * uint16_t for each row of the table. */
struct glibc_layout {
#define PART(...)        struct {
#define FIELD(name, ...) uint16_t name;
#define END(part)                                                                                  \
	}                                                                                          \
	part;
#include GLIBC_LAYOUTS_DEF
};

#define GLIBC_NFIELDS (sizeof(struct glibc_layout) / sizeof(uint16_t))

enum glibc_tunable_type { TUNABLE_INT32, TUNABLE_UINT64, TUNABLE_SIZE, TUNABLE_STRING };

/* Defaults are those of the build's own list: ld.so sets some of them at run time. */
struct glibc_tunable {
	char name[44];
	char alias[25];   /* an environment variable that sets it too; "": none */
	uint8_t type;     /* enum glibc_tunable_type */
	int32_t value;    /* default; 0 for strings */
	int32_t min, max; /* where the type is unsigned, negative ones are large */
};

enum {
	GLIBC_NTUNABLES = 0 /* rows of the table; no build has them all */
#define TUNABLE(...) +1
#include GLIBC_TUNABLES_DEF
};

/* A build of libc.so.6, taken from the tables. */
struct glibc_build {
	char version[8];     /* what gnu_get_libc_version() says: "2.36" */
	unsigned minor;      /* the same as a number: 36 */
	const char *package; /* "libc6 2.36-9+deb12u14 amd64" */
	struct glibc_layout layout;
	const struct glibc_tunable *tunables;
	uint8_t order[GLIBC_NTUNABLES]; /* which of `tunables` each id is */
	size_t ntunables;               /* ids */
};

/* A row of the builds' table. */
struct glibc_row {
	char build_id[41]; /* hexadecimal */
	uint8_t layout, tunables;
	char version[8];
	char package[44];
};

/* tables.c.  Row i; NULL behind the last one. */
const struct glibc_row *glibc_row_at(size_t i);
void glibc_read_layout(const struct glibc_row *row, struct glibc_layout *l);
void glibc_read_build(const struct glibc_row *row, struct glibc_build *b);

/* layout.c.  The build that `libc` is: by its build-id; else by its version, if the sizes of
 * _rtld_global and _rtld_global_ro in the ld-linux file beside it and libc's _thread_db_ symbols
 * agree with a table.  NULL (reported, with what to do next) if no table fits.  Memory is the
 * permanent arena's. */
const struct glibc_build *glibc_find_build(struct loader *ld, struct dso *libc);

/* 36 of "2.36"; 0 if that is no version of glibc 2. */
unsigned glibc_minor(const char *version);

#endif

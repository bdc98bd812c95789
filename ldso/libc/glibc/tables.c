/* tables.c: the tables of this machine's layouts and builds of glibc, and their decoding.
 *
 * A table is stored row by row, and a row has only the cells in which a column differs from its
 * base.  So sixty layouts take a few KB, and a process decodes the one that it needs.  There are no
 * pointers, which would need relocations at every start.
 */
#include "libc/glibc/layout.h"

#include <stdbool.h>

#include "base/mem.h"

#define NONE   GLIBC_NONE
#define SORTED 0xfffe

enum layout {
#define LAYOUT(name, base, minor) name,
#include "layouts.def"
	NLAYOUTS
};

enum list {
#define LIST(name, base) name,
#include "tunables.def"
	NLISTS
};

static const uint8_t layout_base[] = {
#define LAYOUT(name, base, minor) base,
#include "layouts.def"
};

static const struct glibc_layout_row layouts[] = {
#define LAYOUT(name, base, minor) {#name, minor},
#include "layouts.def"
};

/* The names of the fields, in their order in struct glibc_layout. */
static const char field_names[] =
#define FIELD(name, ...) #name "\0"
#include "layouts.def"
	;

static const struct {
	char name[8];
	uint16_t end; /* number of the first field behind it */
} parts[] = {
#define END(part)                                                                                  \
	{#part, (offsetof(struct glibc_layout, part) +                                             \
			sizeof((struct glibc_layout *)NULL)->part) /                               \
			sizeof(uint16_t)},
#include "layouts.def"
};

static const uint8_t list_base[] = {
#define LIST(name, base) base,
#include "tunables.def"
};

/* A base precedes the columns derived from it, so that each chain of bases ends. */
#define LAYOUT(name, base, minor) _Static_assert((int)base < (int)name || name == 0, "base first");
#include "layouts.def"
#define LIST(name, base) _Static_assert((int)base < (int)name || name == 0, "base first");
#include "tunables.def"

/* A row: the number of words that follow, the value of the first column, then pairs of a column and its
 * value. */
#define CELLS(...) sizeof((uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t), __VA_ARGS__,

static const uint16_t offsets[] = {
#define FIELD(name, ...) CELLS(__VA_ARGS__)
#include "layouts.def"
};

static const uint16_t tunable_ids[] = {
#define TUNABLE(name, alias, type, value, min, max, ...) CELLS(__VA_ARGS__)
#include "tunables.def"
};

static const struct glibc_tunable tunables[] = {
#define TUNABLE(name, alias, type, value, min, max, ...)                                           \
	{"glibc." #name, alias, TUNABLE_##type, value, min, max},
#include "tunables.def"
};

static const struct glibc_row rows[] = {
#define BUILD(...) {__VA_ARGS__},
#include "builds.def"
};

struct grid {
	const uint16_t *cells, *end;
	const uint8_t *base; /* of each column */
};

_Static_assert(NLAYOUTS <= 64 && NLISTS <= 64, "columns in a word");

/* Sets to[row] to the column's value in each row: its own, or that of the nearest base which has
 * one.  The cells of a row are in the order of columns, so this is the last cell of the column or
 * one of its bases. */
static void read_column(const struct grid *g, unsigned column, uint16_t *to)
{
	const uint16_t *cell = g->cells, *end;
	uint64_t chain = 0;

	for (; column; column = g->base[column])
		chain |= (uint64_t)1 << column;
	while (cell < g->end) {
		uint16_t value = cell[1];

		end = cell + 1 + cell[0];
		for (cell += 2; cell < end; cell += 2)
			value = chain >> cell[0] & 1 ? cell[1] : value;
		*to++ = value;
	}
}

const struct glibc_row *glibc_row_at(size_t i)
{
	return i < sizeof rows / sizeof *rows ? &rows[i] : NULL;
}

const struct glibc_layout_row *glibc_layout_at(size_t i)
{
	return i < NLAYOUTS ? &layouts[i] : NULL;
}

void glibc_read_layout(size_t i, struct glibc_layout *l)
{
	uint16_t value[GLIBC_NFIELDS];
	const struct grid g = {offsets, offsets + COUNT(offsets), layout_base};

	read_column(&g, (unsigned)i, value);
	memcpy(l, value, sizeof value);
}

const char *glibc_field_name(size_t field, const char **structure)
{
	const char *s = field_names;
	size_t part = 0;

	for (size_t i = 0; i < field; i++)
		s += strlen(s) + 1;
	while (parts[part].end <= field)
		part++;
	*structure = parts[part].name;
	return s;
}

unsigned glibc_minor(const char *version)
{
	unsigned n = 0;

	if (strncmp(version, "2.", 2))
		return 0;
	for (const char *p = version + 2; *p >= '0' && *p <= '9'; p++)
		n = n * 10 + (unsigned)(*p - '0');
	return n;
}

/* Decodes the tunables' ids.  Those of a sorted list are not stored, but counted. */
static void read_order(unsigned list, struct glibc_build *b)
{
	uint16_t id[GLIBC_NTUNABLES];
	const struct grid g = {tunable_ids, tunable_ids + COUNT(tunable_ids), list_base};

	read_column(&g, list, id);
	b->tunables = tunables;
	b->by_id = false;
	b->ntunables = 0;
	for (size_t i = 0; i < GLIBC_NTUNABLES; i++)
		if (id[i] != NONE) {
			b->order[id[i] == SORTED ? b->ntunables : id[i]] = (uint8_t)i;
			b->ntunables++;
		}
}

void glibc_read_build(const struct glibc_row *row, struct glibc_build *b)
{
	memcpy(b->version, row->version, sizeof b->version);
	memcpy(b->package, row->package, sizeof row->package);
	b->minor = glibc_minor(b->version);
	glibc_read_layout(row->layout, &b->layout);
	read_order(row->tunables, b);
}

void glibc_read_unknown_build(size_t layout, struct glibc_build *b)
{
	b->minor = layouts[layout].minor;
	glibc_read_layout(layout, &b->layout);
}

/* glibc-layout.c: prints the facts of one build of glibc, from which tables.py makes the tables.
 *
 *	glibc-layout LIBC LD-LINUX [DEBUG]
 *
 *	build-id 93ac61ec5a8eb1396f9fbd350e3169a558528a40
 *	field map.relro_size 1192
 *	field map.text_end NONE
 *	tunable malloc.check MALLOC_CHECK_ INT32 0 0 3
 *
 * LIBC and LD-LINUX are a build's libc.so.6 and ld-linux.  Their debugging information is in them, in DEBUG
 * (a file, or a tree as /usr/lib/debug) or in /usr/lib/debug.  Offsets are those of ld-linux's: it defines
 * the structures that libc.so.6 reads.  A tunable's last numbers are default, minimum and maximum; "-" is no
 * alias.  A libc may lack a build-id ("none"), glibc before 2.25 tunables and some machines cpu_features.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libc/glibc/gen/gen.h"
#include "libc/glibc/layout.h"

/* The rows of the machine's table.  A part's members are named by a prefix and the field's name; a
 * part without a structure has no offsets, and tables.py fills it in. */
static const struct row {
	const char *part; /* NULL: a field of the part above */
	const char *name; /* the structure's or the field's */
	const char *prefix;
} rows[] = {
#define PART(part, structure, prefix) {#part, structure, prefix},
#define FIELD(name, ...)              {NULL, #name, NULL},
#include "layouts.def"
};

/* Other names of the same field, by machine; up to 2.31 "cpuid" and "feature", since 2.29 those in "basic". */
static const struct {
	const char *name, *other;
} synonyms[] = {
	{"_dl_cpu_features", "_dl_x86_cpu_features"},
	{"_dl_cpu_features", "_dl_aarch64_cpu_features"},
	{"ns_loaded", "_ns_loaded"},
	{"ns_nloaded", "_ns_nloaded"},
	{"features", "cpuid"},
	{"preferred", "feature"},
	{"kind", "basic.kind"},
	{"max_cpuid", "basic.max_cpuid"},
	{"family", "basic.family"},
	{"model", "basic.model"},
	{"stepping", "basic.stepping"},
};

void die(const char *fmt, ...)
{
	va_list args;
	va_start(args, fmt);
	fputs("glibc-layout: ", stderr);
	vfprintf(stderr, fmt, args);
	fputc('\n', stderr);
	va_end(args);
	exit(1);
}

/* A member, or with a dot in the name a member of a member. */
static bool find_path(Dwarf_Die *structure, const char *name, struct field *f)
{
	const char *dot = strchr(name, '.');
	struct field outer;
	char first[32];
	if (!dot)
		return types_field(structure, name, f);
	snprintf(first, sizeof(first), "%.*s", (int)(dot - name), name);
	if (!types_field(structure, first, &outer) || !types_field(&outer.type, dot + 1, f))
		return false;
	f->bit += outer.bit;
	return true;
}

static bool find_field(Dwarf_Die *structure, const char *name, struct field *f)
{
	if (types_field(structure, name, f))
		return true;
	for (size_t i = 0; i < COUNT(synonyms); i++)
		if (strcmp(synonyms[i].name, name) == 0 &&
			find_path(structure, synonyms[i].other, f))
			return true;
	return false;
}

static void require_field(Dwarf_Die *structure, const char *name, struct field *f)
{
	if (!types_field(structure, name, f))
		die("%s has no member %s", dwarf_diename(structure), name);
}

/* Indices into l_info of tags that are not their own index: behind those that are, and the
 * machine's own, are 16 of versions (counted down from DT_VERNEEDNUM), 3 extra ones, 12 values and
 * 11 addresses (down from DT_ADDRRNGHI, so that DT_GNU_HASH is the last). */
static bool find_info_index(Dwarf_Die *map, const char *name, unsigned *index)
{
	struct field f;
	require_field(map, "l_info", &f);
	unsigned versions = f.count - (16 + 3 + 12 + 11);
	const struct {
		const char *name;
		unsigned index;
	} known[] = {
		{"info_count", f.count},
		{"info_gnu_hash", f.count - 1},
		{"info_versym", versions + DT_VERNEEDNUM - DT_VERSYM},
		{"info_verneed", versions + DT_VERNEEDNUM - DT_VERNEED},
		{"info_verdef", versions + DT_VERNEEDNUM - DT_VERDEF},
		{"info_flags_1", versions + DT_VERNEEDNUM - DT_FLAGS_1},
	};
	for (size_t i = 0; i < COUNT(known); i++)
		if (strcmp(known[i].name, name) == 0) {
			*index = known[i].index;
			return true;
		}
	return false;
}

/* The number of elements of an array, or their size, by the name of a field of the table. */
static bool find_shape(Dwarf_Die *structure, const char *name, unsigned *value)
{
	static const struct {
		const char *name, *array;
		bool size;
	} shapes[] = {
		{"features_count", "features", false},
		{"features_stride", "features", true},
		{"preferred_count", "preferred", false},
	};
	for (size_t i = 0; i < COUNT(shapes); i++) {
		struct field f;
		if (strcmp(shapes[i].name, name) != 0)
			continue;
		if (!find_field(structure, shapes[i].array, &f) || f.count == 0)
			die("%s of struct %s is no array", shapes[i].array,
				dwarf_diename(structure));
		*value = shapes[i].size ? f.size / f.count : f.count;
		return true;
	}
	return false;
}

/* Sets *value for a field of the table that is not the offset of a member; false if it is. */
static bool find_other(Dwarf_Die *structure, const char *name, unsigned *value)
{
	struct field f;
	if (strcmp(name, "size") == 0) {
		*value = types_size(structure);
		return true;
	}
	if (strcmp(name, "contiguous_bit") == 0) {
		require_field(structure, "l_contiguous", &f);
		*value = f.bit;
		return true;
	}
	return find_shape(structure, name, value) ||
	       (strncmp(name, "info_", 5) == 0 && find_info_index(structure, name, value));
}

/* The offset of a member in bytes.  Checks that libc.so.6, if it has the structure, was compiled
 * with the same offset. */
static unsigned member_offset(
	Dwarf_Die *structure, Dwarf_Die *libc, const char *name, const struct field *f)
{
	struct field g;
	if (f->bit % 8)
		die("%s of struct %s is a bit-field", name, dwarf_diename(structure));
	if (libc && find_field(libc, name, &g) && g.bit != f->bit)
		die("%s of struct %s lies at %u in libc.so.6, at %u in ld-linux", name,
			dwarf_diename(structure), g.bit / 8, f->bit / 8);
	return f->bit / 8;
}

/* A part of the table and its structure, as ld-linux and libc.so.6 know it. */
struct part {
	const struct row *row;
	Dwarf_Die structure, in_libc;
	bool is_known, libc_knows;
};

/* Not all have it: up to 2.22 none, later not on all machines. */
#define OPTIONAL "cpu"

static struct part find_part(struct object *libc, struct object *ldso, const struct row *row)
{
	struct part p = {.row = row};
	p.is_known = types_struct(ldso, row->name, &p.structure);
	if (!p.is_known && strcmp(row->part, OPTIONAL) != 0)
		die("%s: struct %s is not described", ldso->debug_path, row->name);
	p.libc_knows = libc->dwarf && types_struct(libc, row->name, &p.in_libc);
	return p;
}

static void print_field(struct part *p, const char *field)
{
	struct field f;
	char name[80];
	unsigned value;
	snprintf(name, sizeof(name), "%s%s", p->row->prefix, field);
	if (p->is_known && find_other(&p->structure, field, &value)) {
		/* no member */
	} else if (p->is_known && find_field(&p->structure, name, &f)) {
		value = member_offset(&p->structure, p->libc_knows ? &p->in_libc : NULL, name, &f);
	} else {
		printf("field %s.%s NONE\n", p->row->part, field);
		return;
	}
	if (value >= GLIBC_NONE)
		die("%s: %u does not fit into the table", name, value);
	printf("field %s.%s %u\n", p->row->part, field, value);
}

static void print_fields(struct object *libc, struct object *ldso)
{
	struct part p = {NULL};
	for (size_t i = 0; i < COUNT(rows); i++)
		if (rows[i].part && !rows[i].name[0])
			p.row = NULL;
		else if (rows[i].part)
			p = find_part(libc, ldso, &rows[i]);
		else if (p.row)
			print_field(&p, rows[i].name);
}

/* A number of up to 8 bytes in a tunable's description. */
static int64_t number(struct object *o, GElf_Addr tunable, const struct field *f)
{
	int64_t value = 0;
	if (f->size > sizeof(value))
		die("%s: a number of %u bytes", o->path, f->size);
	memcpy(&value, object_bytes(o, tunable + f->bit / 8, f->size), f->size);
	return value;
}

/* The layout of a tunable's description. */
struct tunable_shape {
	unsigned size;
	struct field name, alias, type, min, max, value;
};

static void nested_field(Dwarf_Die *structure, const char *name, const char *inner, struct field *f)
{
	struct field outer;
	require_field(structure, name, &outer);
	require_field(&outer.type, inner, f);
	f->bit += outer.bit;
}

static struct tunable_shape tunable_shape(Dwarf_Die *tunable)
{
	struct tunable_shape s;
	s.size = types_size(tunable);
	require_field(tunable, "name", &s.name);
	require_field(tunable, "env_alias", &s.alias);
	nested_field(tunable, "type", "type_code", &s.type);
	nested_field(tunable, "type", "min", &s.min);
	nested_field(tunable, "type", "max", &s.max);
	nested_field(tunable, "val", "numval", &s.value);
	return s;
}

/* A string that is an array within the structure, or a pointer. */
static const char *text(struct object *o, GElf_Addr tunable, const struct field *f)
{
	GElf_Addr addr = tunable + f->bit / 8;
	if (f->count)
		return object_string(o, addr);
	addr = object_pointer(o, addr);
	return addr ? object_string(o, addr) : "";
}

static const char *type_name(struct object *o, GElf_Addr tunable, struct field *f)
{
	static const struct {
		const char *theirs, *ours;
	} types[] = {
		{"TUNABLE_TYPE_INT_32", "INT32"},
		{"TUNABLE_TYPE_UINT_64", "UINT64"},
		{"TUNABLE_TYPE_SIZE_T", "SIZE"},
		{"TUNABLE_TYPE_STRING", "STRING"},
	};
	int64_t value = number(o, tunable, f);
	const char *name = types_enumerator(&f->type, value);
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].theirs, name) == 0)
			return types[i].ours;
	die("%s: a tunable of the type %" PRId64 " \"%s\", which is not known", o->path, value,
		name);
}

static void print_tunable(struct object *o, GElf_Addr at, struct tunable_shape *s)
{
	static const char prefix[] = "glibc.";
	const char *name = text(o, at, &s->name), *alias = text(o, at, &s->alias);
	struct glibc_tunable *table;
	if (strncmp(name, prefix, strlen(prefix)))
		die("tunable %s: not one of glibc's", name);
	if (strlen(name) >= sizeof(table->name) || strlen(alias) >= sizeof(table->alias))
		die("tunable %s (%s): the name is too long for the table", name, alias);
	printf("tunable %s %s %s %" PRId64 " %" PRId64 " %" PRId64 "\n", name + strlen(prefix),
		*alias ? alias : "-", type_name(o, at, &s->type), number(o, at, &s->value),
		number(o, at, &s->min), number(o, at, &s->max));
}

static void print_tunables(struct object *ldso)
{
	struct tunable_shape shape;
	Dwarf_Die tunable;
	GElf_Xword size;
	GElf_Addr list;
	if (!types_struct(ldso, "_tunable", &tunable))
		return;
	shape = tunable_shape(&tunable);
	list = object_symbol(ldso, "tunable_list", &size);
	if (size == 0 || size % shape.size)
		die("%s: tunable_list has %ju bytes, not a multiple of struct _tunable's %u",
			ldso->path, (uintmax_t)size, shape.size);
	for (GElf_Xword at = 0; at < size; at += shape.size)
		print_tunable(ldso, list + at, &shape);
}

static void print_build_id(struct object *libc)
{
	char hex[2 * MAX_BUILD_ID + 1];
	object_build_id(libc, hex);
	printf("build-id %s\n", hex[0] ? hex : "none");
}

int main(int argc, char **argv)
{
	if (argc != 3 && argc != 4) {
		fprintf(stderr, "usage: glibc-layout LIBC LD-LINUX [DEBUG]\n");
		return 2;
	}
	elf_version(EV_CURRENT);
	const char *debug = argc == 4 ? argv[3] : "";
	struct object ldso = object_open(argv[2], debug, false);
	struct object libc = object_open(argv[1], debug, true);
	print_build_id(&libc);
	print_fields(&libc, &ldso);
	print_tunables(&ldso);
	object_close(&ldso);
	object_close(&libc);
	return 0;
}

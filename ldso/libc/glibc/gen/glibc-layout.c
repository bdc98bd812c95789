/* glibc-layout.c: prints the table of one build of glibc.
 *
 *	glibc-layout PACKAGE LIBC LD-LINUX DEBUG-DIR >layouts/VERSION-ARCH.c
 *
 * PACKAGE is what the package says of itself ("libc6 2.36-9+deb12u14 amd64"), LIBC and LD-LINUX are
 * the libc.so.6 and the ld-linux of it, DEBUG-DIR is the usr/lib/debug of its libc6-dbg.  Offsets
 *are those of ld-linux's debugging information: it defines the structures that libc.so.6 reads.
 */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "libc/glibc/gen/gen.h"
#include "libc/glibc/layout.h"

/* Members of each part of struct glibc_layout that are found by their own name behind a prefix. */
static const char *const ro_fields[] = {
	"debug_mask",
	"platform",
	"platformlen",
	"pagesize",
	"minsigstacksize",
	"initial_searchlist",
	"clktck",
	"fpu_control",
	"hwcap",
	"hwcap2",
	"hwcap3",
	"hwcap4",
	"auxv",
	"cpu_features",
	"tls_static_size",
	"tls_static_align",
	"tls_static_surplus",
	"init_all_dirs",
	"sysinfo_dso",
	"sysinfo_map",
	"vdso_clock_gettime64",
	"vdso_gettimeofday",
	"vdso_time",
	"vdso_getcpu",
	"vdso_clock_getres_time64",
	"vdso_getrandom",
	"debug_printf",
	"mcount",
	"lookup_symbol_x",
	"open",
	"close",
	"catch_error",
	"error_free",
	"tls_get_addr_soft",
	"libc_freeres",
	"find_object",
	"dlfcn_hook",
	"readonly_area",
	"x86_feature_1",
	"x86_feature_control",
};

static const char *const global_fields[] = {
	"nns",
	"load_lock",
	"load_write_lock",
	"load_tls_lock",
	"load_adds",
	"all_dirs",
	"rtld_lock_recursive",
	"rtld_unlock_recursive",
	"make_stack_executable_hook",
	"init_static_tls",
	"wait_lookup_done",
	"stack_flags",
	"stack_prot_flags",
	"tls_dtv_gaps",
	"tls_max_dtv_idx",
	"tls_dtv_slotinfo_list",
	"tls_static_nelem",
	"tls_static_size",
	"tls_static_align",
	"tls_static_used",
	"initial_dtv",
	"tls_generation",
	"stack_used",
	"stack_user",
	"stack_cache",
	"stack_cache_actsize",
	"stack_cache_lock",
	"nthreads",
	"x86_feature_1",
	"x86_feature_control",
};

static const char *const ns_fields[] = {
	"ns_loaded",
	"ns_nloaded",
	"ns_main_searchlist",
	"libc_map",
};

static const char *const map_fields[] = {
	"real",
	"ns",
	"libname",
	"info",
	"phdr",
	"entry",
	"phnum",
	"ldnum",
	"searchlist",
	"loader",
	"nbuckets",
	"gnu_bitmask_idxbits",
	"gnu_shift",
	"gnu_bitmask",
	"gnu_buckets",
	"gnu_chain_zero",
	"direct_opencount",
	"map_start",
	"map_end",
	"text_end",
	"scope",
	"local_scope",
	"origin",
	"tls_initimage",
	"tls_initimage_size",
	"tls_blocksize",
	"tls_align",
	"tls_firstbyte_offset",
	"tls_offset",
	"tls_modid",
	"tls_dtor_count",
	"relro_addr",
	"relro_size",
};

static const char *const pthread_fields[] = {
	"list",
	"tid",
	"robust_prev",
	"robust_head",
	"specific",
	"specific_1stblock",
	"report_events",
	"user_stack",
	"stack_mode",
	"joinstate",
	"stackblock",
	"stackblock_size",
	"guardsize",
	"rseq_area",
};

static const char *const cpu_fields[] = {
	"basic",
	"features",
	"preferred",
	"isa_1",
	"xsave_state_size",
	"xsave_state_full_size",
	"data_cache_size",
	"shared_cache_size",
	"non_temporal_threshold",
	"memset_non_temporal_threshold",
	"rep_movsb_threshold",
	"rep_movsb_stop_threshold",
	"rep_stosb_threshold",
	"level1_icache_size",
	"level1_icache_linesize",
	"level1_dcache_size",
	"level1_dcache_assoc",
	"level1_dcache_linesize",
	"level2_cache_size",
	"level2_cache_assoc",
	"level2_cache_linesize",
	"level3_cache_size",
	"level3_cache_assoc",
	"level3_cache_linesize",
	"level4_cache_size",
	"cachesize_non_temporal_divisor",
};

/* A part of struct glibc_layout and the structure that it is about. */
struct part {
	const char *name, *structure, *prefix;
	const char *const *fields;
	size_t count;
};

#define PART(part, structure, prefix)                                                              \
	{                                                                                          \
#part, structure, prefix, part##_fields, COUNT(part##_fields)                      \
	}

static const struct part parts[] = {
	PART(ro, "rtld_global_ro", "_dl_"),
	PART(global, "rtld_global", "_dl_"),
	PART(ns, "link_namespaces", ""),
	PART(map, "link_map", "l_"),
	PART(pthread, "pthread", ""),
	PART(cpu, "cpu_features", ""),
};

/* The same thing under another name; the last two are those until 2.32. */
static const struct {
	const char *name, *other;
} synonyms[] = {
	{"_dl_cpu_features", "_dl_x86_cpu_features"},
	{"ns_loaded", "_ns_loaded"},
	{"ns_nloaded", "_ns_nloaded"},
	{"ns_main_searchlist", "_ns_main_searchlist"},
	{"features", "cpuid"},
	{"preferred", "feature"},
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

static bool find_field(Dwarf_Die *structure, const char *name, struct field *f)
{
	if (types_field(structure, name, f))
		return true;
	for (size_t i = 0; i < COUNT(synonyms); i++)
		if (strcmp(synonyms[i].name, name) == 0)
			return types_field(structure, synonyms[i].other, f);
	return false;
}

static void require_field(Dwarf_Die *structure, const char *name, struct field *f)
{
	if (!types_field(structure, name, f))
		die("%s has no member %s", dwarf_diename(structure), name);
}

static void print_offset(const char *name, unsigned value)
{
	if (value >= GLIBC_NONE)
		die("%s: %u does not fit into the table", name, value);
	printf("\t\t.%s = %u,\n", name, value);
}

/* Indices into l_info of the tags that lie outside of its plain part: behind that and the machine's
 * own come 16 of versions (counted down from DT_VERNEEDNUM), 3 extra, 12 values and 11 addresses
 * (down from DT_ADDRRNGHI, so that DT_GNU_HASH is the last). */
static void print_link_map_rest(Dwarf_Die *map)
{
	struct field f;
	require_field(map, "l_contiguous", &f);
	print_offset("contiguous_bit", f.bit);
	require_field(map, "l_info", &f);
	unsigned versions = f.count - (16 + 3 + 12 + 11);
	print_offset("info_count", f.count);
	print_offset("info_gnu_hash", f.count - 1);
	print_offset("info_versym", versions + DT_VERNEEDNUM - DT_VERSYM);
	print_offset("info_verneed", versions + DT_VERNEEDNUM - DT_VERNEED);
	print_offset("info_verdef", versions + DT_VERNEEDNUM - DT_VERDEF);
	print_offset("info_flags_1", versions + DT_VERNEEDNUM - DT_FLAGS_1);
}

/* Where a member is, in bytes; libc.so.6 has to have been compiled with the same (libc NULL: does
 * not know the structure). */
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

static void print_part(struct object *libc, struct object *ldso, const struct part *p)
{
	Dwarf_Die structure, in_libc;
	struct field f;
	char name[80];
	if (!types_struct(ldso, p->structure, &structure))
		die("%s: struct %s is not described", ldso->debug_path, p->structure);
	bool libc_knows = types_struct(libc, p->structure, &in_libc);
	printf("\t.%s = {\n", p->name);
	for (size_t i = 0; i < p->count; i++) {
		snprintf(name, sizeof(name), "%s%s", p->prefix, p->fields[i]);
		if (find_field(&structure, name, &f))
			print_offset(p->fields[i],
				member_offset(&structure, libc_knows ? &in_libc : NULL, name, &f));
		else
			printf("\t\t.%s = GLIBC_NONE,\n", p->fields[i]);
	}
	if (strcmp(p->name, "map") == 0)
		print_link_map_rest(&structure);
	print_offset("size", types_size(&structure));
	printf("\t},\n");
}

/* A number of a tunable's, of up to 8 bytes. */
static int64_t number(struct object *o, GElf_Addr tunable, const struct field *f)
{
	int64_t value = 0;
	if (f->size > sizeof(value))
		die("%s: a number of %u bytes", o->path, f->size);
	memcpy(&value, object_bytes(o, tunable + f->bit / 8, f->size), f->size);
	return value;
}

/* Where a tunable's description has what we want. */
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

static struct tunable_shape tunable_shape(struct object *ldso)
{
	struct tunable_shape s;
	Dwarf_Die tunable;
	if (!types_struct(ldso, "_tunable", &tunable))
		die("%s: struct _tunable is not described", ldso->debug_path);
	s.size = types_size(&tunable);
	require_field(&tunable, "name", &s.name);
	require_field(&tunable, "env_alias", &s.alias);
	nested_field(&tunable, "type", "type_code", &s.type);
	nested_field(&tunable, "type", "min", &s.min);
	nested_field(&tunable, "type", "max", &s.max);
	nested_field(&tunable, "val", "numval", &s.value);
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
		{"TUNABLE_TYPE_INT_32", "TUNABLE_INT32"},
		{"TUNABLE_TYPE_UINT_64", "TUNABLE_UINT64"},
		{"TUNABLE_TYPE_SIZE_T", "TUNABLE_SIZE"},
		{"TUNABLE_TYPE_STRING", "TUNABLE_STRING"},
	};
	int64_t value = number(o, tunable, f);
	const char *name = types_enumerator(&f->type, value);
	for (size_t i = 0; i < COUNT(types); i++)
		if (strcmp(types[i].theirs, name) == 0)
			return types[i].ours;
	die("%s: a tunable of the type %" PRId64 " \"%s\", which is not known", o->path, value,
		name);
}

static const char *decimal(int64_t value, char buf[32])
{
	if (value == INT64_MIN)
		return "INT64_MIN";
	sprintf(buf, "%" PRId64, value);
	return buf;
}

static void print_tunable(struct object *o, GElf_Addr at, struct tunable_shape *s)
{
	char value[32], min[32], max[32];
	const char *name = text(o, at, &s->name), *alias = text(o, at, &s->alias);
	struct glibc_tunable *table;
	if (strlen(name) >= sizeof(table->name) || strlen(alias) >= sizeof(table->alias))
		die("tunable %s (%s): the name is too long for the table", name, alias);
	printf("\t{\"%s\", \"%s\", %s, %s, %s, %s},\n", name, alias, type_name(o, at, &s->type),
		decimal(number(o, at, &s->value), value), decimal(number(o, at, &s->min), min),
		decimal(number(o, at, &s->max), max));
}

static void print_tunables(struct object *ldso)
{
	struct tunable_shape shape = tunable_shape(ldso);
	GElf_Xword size;
	GElf_Addr list = object_symbol(ldso, "tunable_list", &size);
	if (size == 0 || size % shape.size)
		die("%s: tunable_list has %ju bytes, not a multiple of struct _tunable's %u",
			ldso->path, (uintmax_t)size, shape.size);
	printf("static const struct glibc_tunable tunables[] = {\n");
	for (GElf_Xword at = 0; at < size; at += shape.size)
		print_tunable(ldso, list + at, &shape);
	printf("};\n\n");
}

/* "2.36" of "libc6 2.36-9+deb12u14 amd64". */
static void print_version(const char *package)
{
	const char *start = strchr(package, ' ');
	size_t n = start ? strspn(start + 1, "0123456789.") : 0;
	struct glibc_build *build;
	if (n == 0 || n >= sizeof(build->version) || strlen(package) >= sizeof(build->package))
		die("\"%s\": expected \"NAME VERSION ARCH\", of less than %zu characters", package,
			sizeof(build->package));
	printf("\t.version = \"%.*s\",\n", (int)n, start + 1);
}

static void print_build(struct object *libc, const char *package)
{
	printf("static GLIBC_BUILD(build) = {\n");
	print_version(package);
	printf("\t.package = \"%s\",\n\t.build_id = {", package);
	for (size_t i = 0; i < sizeof(libc->build_id); i++)
		printf("%s0x%02x,", i % 10 ? " " : "\n\t\t", libc->build_id[i]);
	printf("\n\t},\n\t.layout = &layout,\n\t.tunables = tunables,\n");
	printf("\t.ntunables = sizeof(tunables) / sizeof(tunables[0]),\n};\n");
}

static void print_table(struct object *libc, struct object *ldso, const char *package)
{
	printf("/* %s: made by gen/glibc-layout.c. */\n", package);
	printf("#include \"../layout.h\"\n\n");
	printf("static const struct glibc_layout layout = {\n");
	for (size_t i = 0; i < COUNT(parts); i++)
		print_part(libc, ldso, &parts[i]);
	printf("};\n\n");
	print_tunables(ldso);
	print_build(libc, package);
}

#define CHECK_PART(part, extra)                                                                    \
	_Static_assert(COUNT(part##_fields) + extra ==                                             \
			       sizeof(((struct glibc_layout *)0)->part) / sizeof(uint16_t),        \
		"each member of the table is filled in")

CHECK_PART(ro, 1);
CHECK_PART(global, 1);
CHECK_PART(ns, 1);
CHECK_PART(map, 8); /* and print_link_map_rest()'s */
CHECK_PART(pthread, 1);
CHECK_PART(cpu, 1);

int main(int argc, char **argv)
{
	if (argc != 5) {
		fprintf(stderr, "usage: glibc-layout PACKAGE LIBC LD-LINUX DEBUG-DIR\n");
		return 2;
	}
	elf_version(EV_CURRENT);
	struct object libc = object_open(argv[2], argv[4]);
	struct object ldso = object_open(argv[3], argv[4]);
	print_table(&libc, &ldso, argv[1]);
	object_close(&ldso);
	object_close(&libc);
	return 0;
}

/* ifunc.fill.c: what the loader would put into struct cpu_features, printed; without a loader.
 *
 *	ifunc.fill                          the builds and layouts there are tables for: build-id or
 *	                                    name, version, offset of cpu_features in
 *	                                    _rtld_global_ro, its size, offset of xsave_state_size in it
 *	ifunc.fill BUILD-ID|LAYOUT CPU [NAME=VALUE...]
 *
 * CPU is a file that ifunc.cpus.h describes, or "-" for this processor.  NAME=VALUE are tunables
 * without their "glibc.cpu.".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>

#include "libc/glibc/layout.h"
#include "libc/glibc/x86_64/cpu.h"

#include "ifunc.cpus.h"

/* The linker takes these for cpuid.c's: cpuid.o's own are renamed to real_*. */
struct cpuid real_cpuid(uint32_t leaf, uint32_t subleaf);
uint64_t real_cpuid_xcr0(void);

static struct cpu_table table;
static struct {
	uint32_t leaf, subleaf;
} asked[256];
static unsigned nasked;

/* A leaf asked for again costs nothing. */
static void count(uint32_t leaf, uint32_t subleaf)
{
	for (unsigned i = 0; i < nasked; i++)
		if (asked[i].leaf == leaf && asked[i].subleaf == subleaf)
			return;
	if (nasked == 256)
		abort();
	asked[nasked].leaf = leaf;
	asked[nasked++].subleaf = subleaf;
}

struct cpuid cpuid(uint32_t leaf, uint32_t subleaf)
{
	count(leaf, subleaf);
	if (!table.rows)
		return real_cpuid(leaf, subleaf);
	return table_find(&table, leaf, subleaf);
}

uint64_t cpuid_xcr0(void)
{
	return table.rows ? table.xcr0 : real_cpuid_xcr0();
}

static void list_one(const char *name, const char *version, size_t layout)
{
	struct glibc_layout l;

	glibc_read_layout(layout, &l);
	printf("%s %s %u %u %u\n", name, version, l.ro.cpu_features, l.cpu.size,
		l.cpu.xsave_state_size);
}

static void list(void)
{
	const struct glibc_row *row;
	const struct glibc_layout_row *layout;
	char version[8];

	for (size_t i = 0; (row = glibc_row_at(i)); i++)
		list_one(row->build_id, row->version, row->layout);
	for (size_t i = 0; (layout = glibc_layout_at(i)); i++) {
		snprintf(version, sizeof(version), "2.%u", layout->minor);
		list_one(layout->name, version, i);
	}
}

static struct glibc_build find(const char *wanted)
{
	const struct glibc_row *row;
	const struct glibc_layout_row *layout;
	struct glibc_build b;

	for (size_t i = 0; (row = glibc_row_at(i)); i++)
		if (!strcmp(row->build_id, wanted)) {
			glibc_read_build(row, &b);
			return b;
		}
	for (size_t i = 0; (layout = glibc_layout_at(i)); i++)
		if (!strcmp(layout->name, wanted)) {
			glibc_read_unknown_build(i, &b);
			return b;
		}
	fprintf(stderr, "ifunc.fill: no table for the libc.so.6 with build-id %s\n", wanted);
	exit(2);
}

/* Without "glibc.cpu.". */
static const char *short_name(enum glibc_cpu_size size)
{
	return glibc_cpu_size_name(size) + strlen("glibc.cpu.");
}

static void set(struct glibc_cpu_options *o, const char *assignment)
{
	const char *value = strchr(assignment, '=');
	size_t length = value ? (size_t)(value++ - assignment) : strlen(assignment);

	for (unsigned i = 0; value && i < GLIBC_CPU_SIZES; i++) {
		const char *name = short_name(i);

		if (strlen(name) == length && !strncmp(assignment, name, length)) {
			o->size[i].set = true;
			o->size[i].value = strtoull(value, NULL, 0);
			return;
		}
	}
	if (value && !strncmp(assignment, "hwcaps=", 7)) {
		o->hwcaps = value;
	} else if (value && !strncmp(assignment, "prefer_map_32bit_exec=", 22)) {
		o->prefer_map_32bit_exec = atoi(value);
	} else {
		fprintf(stderr, "ifunc.fill: %s: expected a tunable and its value\n", assignment);
		exit(2);
	}
}

/* The level that libraries are looked for by must be the one that the struct tells. */
static void check_level(const struct glibc_build *b, const unsigned char *bytes)
{
	uint32_t isa, isa_1;

	if (b->layout.cpu.isa_1 == GLIBC_NONE || cpuid_vendor() == CPUID_OTHER)
		return;
	memcpy(&isa_1, bytes + b->layout.cpu.isa_1, sizeof(isa_1));
	isa = (2u << arch_isa_level()) - 1;
	if (isa != isa_1 && !(isa_1 == 0 && isa == 1)) {
		fprintf(stderr, "ifunc.fill: arch_isa_level() is %u, but isa_1 %#x\n",
			arch_isa_level(), isa_1);
		exit(1);
	}
}

int main(int argc, char **argv)
{
	static unsigned char bytes[4096];
	struct glibc_cpu_options o = {.hwcap2 = getauxval(AT_HWCAP2), .xsave = true};
	struct glibc_build b;

	if (argc < 3) {
		list();
		return 0;
	}
	b = find(argv[1]);
	if (strcmp(argv[2], "-"))
		table_read(&table, argv[2]);
	for (int i = 3; i < argc; i++)
		set(&o, argv[i]);
	glibc_fill_cpu(&b, bytes, &o);
	check_level(&b, bytes);
	for (unsigned i = 0; i < b.layout.cpu.size; i++)
		printf("%02x", bytes[i]);
	printf("\nhwcap %lu platform %s cpuid %u\n", (unsigned long)o.hwcap,
		o.platform ? o.platform : "-", nasked);
	for (unsigned i = 0; i < GLIBC_CPU_SIZES; i++)
		printf("%s %#lx %#lx %#lx\n", short_name(i), (unsigned long)o.size[i].value,
			(unsigned long)o.size[i].min, (unsigned long)o.size[i].max);
	return 0;
}

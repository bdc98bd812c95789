/* cpu_caches.c (x86_64): sizes of the caches, and how many threads share the last of them.
 *
 * Intel: leaf 2 (one byte per descriptor, SDM table 3-12), which may refer to leaf 4; Zhaoxin: leaf
 * 4; AMD: leaf 0x8000001D, before that 0x80000005 and 6 (APM volume 3, E.4); Hygon: 0x8000001D.
 * Where glibc deviates from the manuals, this code follows glibc: the sizes determine the
 * thresholds of memcpy.
 */
#include "libc/glibc/x86_64/cpu_caches.h"

#include "base/mem.h"

static const struct cache unknown = {-1, -1, -1};

/* Leaf 2's descriptors. */
static const struct descriptor {
	uint8_t byte, level, assoc, line;
	uint16_t kib;
} descriptors[] = {
	{0x06, CACHE_L1I, 4, 32, 8},
	{0x08, CACHE_L1I, 4, 32, 16},
	{0x09, CACHE_L1I, 4, 32, 32},
	{0x0a, CACHE_L1D, 2, 32, 8},
	{0x0c, CACHE_L1D, 4, 32, 16},
	{0x0d, CACHE_L1D, 4, 64, 16},
	{0x0e, CACHE_L1D, 6, 64, 24},
	{0x21, CACHE_L2, 8, 64, 256},
	{0x22, CACHE_L3, 4, 64, 512},
	{0x23, CACHE_L3, 8, 64, 1024},
	{0x25, CACHE_L3, 8, 64, 2048},
	{0x29, CACHE_L3, 8, 64, 4096},
	{0x2c, CACHE_L1D, 8, 64, 32},
	{0x30, CACHE_L1I, 8, 64, 32},
	{0x39, CACHE_L2, 4, 64, 128},
	{0x3a, CACHE_L2, 6, 64, 192},
	{0x3b, CACHE_L2, 2, 64, 128},
	{0x3c, CACHE_L2, 4, 64, 256},
	{0x3d, CACHE_L2, 6, 64, 384},
	{0x3e, CACHE_L2, 4, 64, 512},
	{0x3f, CACHE_L2, 2, 64, 256},
	{0x41, CACHE_L2, 4, 32, 128},
	{0x42, CACHE_L2, 4, 32, 256},
	{0x43, CACHE_L2, 4, 32, 512},
	{0x44, CACHE_L2, 4, 32, 1024},
	{0x45, CACHE_L2, 4, 32, 2048},
	{0x46, CACHE_L3, 4, 64, 4096},
	{0x47, CACHE_L3, 8, 64, 8192},
	{0x48, CACHE_L2, 12, 64, 3072},
	{0x49, CACHE_L2, 16, 64, 4096},
	{0x4a, CACHE_L3, 12, 64, 6144},
	{0x4b, CACHE_L3, 16, 64, 8192},
	{0x4c, CACHE_L3, 12, 64, 12288},
	{0x4d, CACHE_L3, 16, 64, 16384},
	{0x4e, CACHE_L2, 24, 64, 6144},
	{0x60, CACHE_L1D, 8, 64, 16},
	{0x66, CACHE_L1D, 4, 64, 8},
	{0x67, CACHE_L1D, 4, 64, 16},
	{0x68, CACHE_L1D, 4, 64, 32},
	{0x78, CACHE_L2, 8, 64, 1024},
	{0x79, CACHE_L2, 8, 64, 128},
	{0x7a, CACHE_L2, 8, 64, 256},
	{0x7b, CACHE_L2, 8, 64, 512},
	{0x7c, CACHE_L2, 8, 64, 1024},
	{0x7d, CACHE_L2, 8, 64, 2048},
	{0x7f, CACHE_L2, 2, 64, 512},
	{0x80, CACHE_L2, 8, 64, 512},
	{0x82, CACHE_L2, 8, 32, 256},
	{0x83, CACHE_L2, 8, 32, 512},
	{0x84, CACHE_L2, 8, 32, 1024},
	{0x85, CACHE_L2, 8, 32, 2048},
	{0x86, CACHE_L2, 4, 64, 512},
	{0x87, CACHE_L2, 8, 64, 1024},
	{0xd0, CACHE_L3, 4, 64, 512},
	{0xd1, CACHE_L3, 4, 64, 1024},
	{0xd2, CACHE_L3, 4, 64, 2048},
	{0xd6, CACHE_L3, 8, 64, 1024},
	{0xd7, CACHE_L3, 8, 64, 2048},
	{0xd8, CACHE_L3, 8, 64, 4096},
	{0xdc, CACHE_L3, 12, 64, 2048},
	{0xdd, CACHE_L3, 12, 64, 4096},
	{0xde, CACHE_L3, 12, 64, 8192},
	{0xe2, CACHE_L3, 16, 64, 2048},
	{0xe3, CACHE_L3, 16, 64, 4096},
	{0xe4, CACHE_L3, 16, 64, 8192},
	{0xea, CACHE_L3, 24, 64, 12288},
	{0xeb, CACHE_L3, 24, 64, 18432},
	{0xec, CACHE_L3, 24, 64, 24576},
};

enum { NO_L2_OR_L3 = 0x40, SEE_LEAF_4 = 0xff, MAX_SUBLEAF = 32 };

/* A row of leaf 4, which 0x8000001D repeats. */
static unsigned row_type(const struct cpuid *row)
{
	return row->reg[EAX] & 0x1f; /* 0: end of the list, 1 data, 2 instructions, 3 both */
}

static unsigned row_level(const struct cpuid *row)
{
	return row->reg[EAX] >> 5 & 7;
}

static unsigned row_threads(const struct cpuid *row, unsigned mask)
{
	return row->reg[EAX] >> 14 & mask;
}

static struct cache row_cache(const struct cpuid *row, bool partitions)
{
	uint32_t ebx = row->reg[EBX], ways = (ebx >> 22) + 1, line = (ebx & 0xfff) + 1;
	uint32_t parts = partitions ? (ebx >> 12 & 0x3ff) + 1 : 1;

	return (struct cache){ways * parts * line * (row->reg[ECX] + 1), ways, line};
}

static struct cache leaf_4(enum cache_level level, struct cache otherwise)
{
	for (unsigned i = 0; i < MAX_SUBLEAF; i++) {
		struct cpuid row = cpuid(4, i);
		unsigned type = row_type(&row), n = row_level(&row);

		if (type == 0)
			break;
		if ((level == CACHE_L1D && n == 1 && type == 1) ||
			(level == CACHE_L1I && n == 1 && type == 2) ||
			(level >= CACHE_L2 && n == (unsigned)level))
			return row_cache(&row, true);
	}
	return otherwise;
}

static const struct descriptor *find_descriptor(
	const struct features *f, uint8_t byte, enum cache_level level)
{
	/* This byte describes the third level on a single processor. */
	bool third =
		byte == 0x49 && level == CACHE_L3 && f->model.family == 15 && f->model.model == 6;

	for (size_t i = 0; i < sizeof(descriptors) / sizeof(descriptors[0]); i++)
		if (descriptors[i].byte == byte && (descriptors[i].level == level || third))
			return &descriptors[i];
	return NULL;
}

static struct cache intel_cache(const struct features *f, enum cache_level level)
{
	struct cpuid two;
	bool none = false;

	if (f->max_leaf < 2)
		return unknown;
	two = cpuid(2, 0);
	if ((two.reg[EAX] & 0xff) != 1) /* number of executions needed; always 1 by now */
		return leaf_4(level, unknown);
	two.reg[EAX] &= ~0xffu;
	for (unsigned i = 0; i < 4; i++) {
		uint32_t bytes = two.reg[i] >> 31 ? 0 : two.reg[i]; /* bit 31: reserved */

		for (; bytes; bytes >>= 8) {
			const struct descriptor *d;

			if (!(bytes & 0xff))
				continue;
			if ((bytes & 0xff) == SEE_LEAF_4)
				return leaf_4(level, unknown);
			if ((bytes & 0xff) == NO_L2_OR_L3) {
				none = true;
				if (level == CACHE_L3) /* on to the next register */
					break;
			}
			d = find_descriptor(f, bytes & 0xff, level);
			if (d)
				return (struct cache){d->kib * 1024L, d->assoc, d->line};
		}
	}
	return none && (level == CACHE_L2 || level == CACHE_L3) ? unknown : (struct cache){0, 0, 0};
}

/* Decodes leaf 0x80000006's number of ways; 15 is fully associative. */
static long amd_ways(unsigned code, uint32_t size, unsigned line)
{
	static const uint8_t ways[] = {0, 1, 2, 0, 4, 0, 8, 0, 16, 0, 32, 48, 64, 96, 128};

	if (code < sizeof(ways))
		return ways[code];
	return line ? size / line : 0;
}

static struct cache amd_l1(uint32_t reg)
{
	uint32_t ways = reg >> 16 & 0xff;

	/* 0xff is fully associative. */
	return (struct cache){
		reg >> 14 & 0x3fc00, ways == 0xff ? reg >> 16 << 2 & 0x3fc00 : ways, reg & 0xff};
}

/* The part of an L3 cache of this total size that belongs to the threads of one complex, which
 * glibc reports from 2.37 on. */
static long amd_l3_part(const struct features *f, long size)
{
	unsigned threads = 0;
	long part = 0;

	if (cpuid_max_extended() >= 0x80000008)
		threads = (cpuid(0x80000008, 0).reg[ECX] & 0xff) + 1;
	else if (features_shown(f, F_HTT))
		threads = f->cpuid[LEAF_1].reg[EBX] >> 16 & 0xff;
	if (threads)
		part = size / threads;
	if (f->model.family >= 0x17) {
		struct cpuid row = cpuid(0x8000001d, 3);

		part *= row_threads(&row, 0xfff) + 1;
	}
	return part;
}

static struct cache amd_legacy(const struct features *f, enum cache_level level)
{
	uint32_t leaf = level >= CACHE_L2 ? 0x80000006 : 0x80000005, reg, size;
	struct cpuid answer;
	struct cache c;

	if (cpuid_max_extended() < leaf)
		return (struct cache){0, 0, 0};
	answer = cpuid(leaf, 0);
	if (level == CACHE_L1I || level == CACHE_L1D)
		return amd_l1(answer.reg[level == CACHE_L1I ? EDX : ECX]);
	reg = answer.reg[level == CACHE_L2 ? ECX : EDX];
	size = level == CACHE_L2 ? reg >> 6 & 0x3fffc00 : (reg & 0x3ffc0000) << 1;
	c.assoc = amd_ways(reg >> 12 & 0xf, size, reg & 0xff);
	c.size = reg & 0xf000 ? size : 0;
	c.line = reg & 0xf000 ? reg & 0xff : 0;
	if (level == CACHE_L3 && c.size && f->glibc >= 237)
		c.size = amd_l3_part(f, c.size);
	return c;
}

static struct cpuid amd_row(enum cache_level level)
{
	static const uint8_t rows[] = {
		[CACHE_L1D] = 0, [CACHE_L1I] = 1, [CACHE_L2] = 2, [CACHE_L3] = 3};

	return cpuid(0x8000001d, rows[level]);
}

static struct cache amd_cache(const struct features *f, enum cache_level level)
{
	if (level == CACHE_L4)
		return f->glibc < 237 ? unknown : (struct cache){0, 0, 0};
	if (f->glibc >= 237 && cpuid_max_extended() >= 0x8000001d) {
		struct cpuid row = amd_row(level);

		if (row.reg[ECX])
			return row_cache(&row, false);
	}
	return amd_legacy(f, level);
}

static struct cache read_cache(const struct features *f, enum cache_level level)
{
	struct cpuid row;

	switch (f->vendor) {
	case CPUID_INTEL: return intel_cache(f, level);
	case CPUID_ZHAOXIN:
		return level == CACHE_L4 ? unknown : leaf_4(level, (struct cache){0, 0, 0});
	case CPUID_HYGON:
		if (level == CACHE_L4)
			return unknown;
		if (f->glibc >= 244)
			return amd_cache(f, level);
		row = amd_row(level);
		return row_cache(&row, false);
	case CPUID_AMD: return amd_cache(f, level);
	case CPUID_OTHER: break;
	}
	return unknown;
}

/* The numbers of threads that share L2 and L3; one less while they are read. */
struct sharing {
	int l2, l3;
	bool inclusive; /* L3 includes the contents of L2 */
};

/* Reads from leaf 4 the numbers of ids, which are rounded up; false if a level is missing. */
static bool read_ids(struct sharing *s, bool want_l3)
{
	bool want_l2 = true;

	for (unsigned i = 0; i < MAX_SUBLEAF && (want_l2 || want_l3); i++) {
		struct cpuid row = cpuid(4, i);

		if (row_type(&row) == 0)
			return false;
		if (row_level(&row) == 2 && want_l2) {
			s->l2 = row_threads(&row, 0x3ff);
			want_l2 = false;
		} else if (row_level(&row) == 3 && want_l3) {
			s->l3 = row_threads(&row, 0x3ff);
			s->inclusive = row.reg[EDX] & 2;
			want_l3 = false;
		}
	}
	return true;
}

/* n - 1 for n logical processors of leaf 11, limited to the bits that ids needs. */
static int shipped_within(int n, int ids)
{
	int mask = (2 << (31 - __builtin_clz((unsigned)ids))) - 1;

	return (n - 1) & mask;
}

/* Replaces the numbers by the exact ones of leaf 11: type 1 has the threads of a core, type 2 those
 * of a package. */
static void read_topology(struct sharing *s, bool has_l3)
{
	bool want_core = s->l2 > 0 && has_l3, want_package = s->l3 > 0 || (s->l2 > 0 && !has_l3);

	for (unsigned i = 0; i < MAX_SUBLEAF && (want_core || want_package); i++) {
		struct cpuid level = cpuid(11, i);
		int shipped = level.reg[EBX] & 0xff, type = level.reg[ECX] >> 8 & 0xff;
		int *threads = has_l3 && type == 2 ? &s->l3 : &s->l2;

		if (!shipped || !type)
			return;
		if (type == 1 && want_core) {
			*threads = shipped_within(shipped, *threads);
			want_core = false;
		} else if (type == 2 && want_package) {
			*threads = shipped_within(shipped, *threads);
			want_package = false;
		}
	}
}

static bool is_silvermont(const struct features *f)
{
	unsigned model = f->model.model;

	return f->vendor == CPUID_INTEL && f->model.family == 6 &&
	       (model == 0x37 || model == 0x4a || model == 0x4d || model == 0x5a || model == 0x5d);
}

/* The number of threads that share the last level; 0: unknown. */
static unsigned read_threads(const struct features *f, struct sharing *s, bool has_l3)
{
	unsigned threads;

	if (f->max_leaf < 4 || !read_ids(s, has_l3))
		return f->cpuid[LEAF_1].reg[EBX] >> 16 & 0xff;
	if (f->max_leaf >= 11 && !(f->vendor == CPUID_ZHAOXIN && f->model.family == 6))
		read_topology(s, has_l3);
	s->l2 += s->l2 > 0;
	s->l3 += s->l3 > 0;
	threads = has_l3 ? s->l3 : s->l2;
	/* On Silvermont two cores share an L2 cache, although CPUID may report more. */
	return !has_l3 && threads > 2 && is_silvermont(f) ? 2 : threads;
}

/* Intel and Zhaoxin. */
static void share_by_topology(struct caches *c, const struct features *f)
{
	struct sharing s = {0, 0, true};
	long l2 = c->level[CACHE_L2].size;
	bool has_l3 = c->shared > 0;

	if (!has_l3)
		c->shared = c->per_thread = l2;
	if (features_shown(f, F_HTT)) { /* clear: one logical processor */
		unsigned threads = read_threads(f, &s, has_l3);

		if (threads && c->per_thread > 0)
			c->per_thread /= threads;
	}
	if (!s.inclusive) {
		c->per_thread += s.l2 > 0 ? l2 / s.l2 : l2;
		c->shared += l2;
	}
}

/* AMD up to 2.36, where level[CACHE_L3] is the whole package's. */
static void share_amd_old(struct caches *c, const struct features *f)
{
	bool zen = f->model.family >= 0x17;
	unsigned threads = 0;

	if (cpuid_max_extended() >= 0x80000008)
		threads = 1u << (cpuid(0x80000008, 0).reg[ECX] >> 12 & 0xf);
	if ((!threads || zen) && features_shown(f, F_HTT))
		threads = f->cpuid[LEAF_1].reg[EBX] >> 16 & 0xff;
	if (threads)
		c->per_thread /= threads;
	if (zen) {
		struct cpuid row = cpuid(0x8000001d, 3);

		c->per_thread *= row_threads(&row, 0xfff) + 1;
	} else { /* L3 does not include L2 */
		c->shared += c->level[CACHE_L2].size;
		c->per_thread += c->level[CACHE_L2].size;
	}
}

static void share_amd(struct caches *c, const struct features *f)
{
	if (c->shared <= 0)
		c->shared = c->per_thread = c->level[CACHE_L2].size;
	else if (f->glibc < 237)
		share_amd_old(c, f);
	else if (f->model.family < 0x17)
		c->per_thread = c->shared += c->level[CACHE_L2].size;
}

void caches_read(struct caches *c, const struct features *f)
{
	for (unsigned i = 0; i < CACHES; i++)
		c->level[i] = read_cache(f, i);
	c->shared = c->per_thread = c->level[CACHE_L3].size;
	if (f->vendor == CPUID_INTEL || f->vendor == CPUID_ZHAOXIN)
		share_by_topology(c, f);
	else if (f->vendor == CPUID_AMD)
		share_amd(c, f);
}

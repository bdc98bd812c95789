/* features.c (x86_64): reads the processor's features and determines which of them are usable. */
#include "libc/glibc/x86_64/features.h"

#include "base/mem.h"

enum {
	XCR0_YMM = 0x6,     /* SSE and AVX state */
	XCR0_ZMM = 0xe0,    /* opmask, upper halves of zmm0-15, zmm16-31 */
	XCR0_AMX = 0x60000, /* tile configuration and data */
	XCR0_APX = 0x80000,
	HWCAP2_FSGSBASE = 1 << 1,
};

static void read_leaves(struct features *f)
{
	static const struct {
		uint32_t leaf, subleaf, max; /* max: the highest leaf must be at least this */
	} basic[LEAVES] = {
		[LEAF_1] = {1, 0, 1},
		[LEAF_7] = {7, 0, 7},
		[LEAF_D_1] = {0xd, 1, 0xd},
		[LEAF_7_1] = {7, 1, 7},
		[LEAF_19] = {0x19, 0, 0x19},
		[LEAF_14] = {0x14, 0, 0x14},
	};
	static const uint8_t extended[][2] = {
		{LEAF_80000001, 1}, {LEAF_80000007, 7}, {LEAF_80000008, 8}};
	uint32_t max;

	/* For an unknown vendor glibc reads neither leaf 1 nor the extended leaves. */
	for (unsigned i = 0; i < (features_one_copy(f) ? LEAF_7_1 : LEAF_24); i++)
		if (basic[i].max && f->max_leaf >= basic[i].max &&
			(i != LEAF_1 || f->vendor != CPUID_OTHER))
			f->cpuid[i] = cpuid(basic[i].leaf, basic[i].subleaf);
	if (f->vendor == CPUID_OTHER)
		return;
	max = cpuid_max_extended();
	for (size_t i = 0; i < sizeof(extended) / sizeof(extended[0]); i++)
		if (max >= 0x80000000 + extended[i][1])
			f->cpuid[extended[i][0]] = cpuid(0x80000000 + extended[i][1], 0);
}

/* The set of NEEDS_* that this system meets. */
static unsigned met_needs(const struct features *f, uint64_t xcr0, uint64_t hwcap2)
{
	unsigned met = NEEDS_NOTHING;

	if (features_shown(f, F_OSXSAVE))
		met |= NEEDS_XSAVE;
	if ((xcr0 & XCR0_YMM) == XCR0_YMM) {
		if (features_shown(f, F_AVX))
			met |= NEEDS_AVX | NEEDS_YMM;
		if ((xcr0 & XCR0_ZMM) == XCR0_ZMM)
			met |= NEEDS_ZMM | (features_shown(f, F_AVX512F) ? NEEDS_AVX512 : 0);
	}
	if ((met & NEEDS_AVX) && f->vendor == CPUID_AMD)
		met |= NEEDS_FMA4;
	if ((xcr0 & XCR0_AMX) == XCR0_AMX)
		met |= NEEDS_AMX;
	if (xcr0 & XCR0_APX)
		met |= NEEDS_APX;
	if (features_shown(f, F_AESKLE))
		met |= NEEDS_AESKLE;
	if (!features_shown(f, F_RTM_ALWAYS_ABORT))
		met |= NEEDS_RTM;
	if (hwcap2 & HWCAP2_FSGSBASE)
		met |= NEEDS_FSGSBASE;
	return met;
}

/* Before 2.28 AVX_Fast_Unaligned_Load was for Intel's processors alone. */
static bool loads_fast(const struct features *f)
{
	return features_active(f, F_AVX2) && (f->glibc >= 228 || f->vendor == CPUID_INTEL);
}

struct rule {
	uint16_t feature, need, since;
};
static const struct rule rules[] = {
#define X(name, leaf, reg, bit, need, since) {F_##name, need, since},
	GLIBC_FEATURES(X)
#undef X
};
enum { RULES = sizeof(rules) / sizeof(rules[0]) };

/* 2.32 takes all for active that is known to it, and then only asks what the system supports. */
static void activate_known(struct features *f)
{
	static const struct cpuid known[LEAF_19] = {
		[LEAF_1].reg = {[ECX] = 0x7ffeffff, [EDX] = 0xbfeffbff},
		[LEAF_7].reg = {[EBX] = 0xffbfbfbf, [ECX] = 0xfa7e5fff, [EDX] = 0xff55cd1c},
		[LEAF_80000001].reg = {[ECX] = 0x00218965, [EDX] = 0x2c100800},
		[LEAF_D_1].reg = {[EAX] = 0x1f},
		[LEAF_80000007].reg = {[EDX] = 0x100},
		[LEAF_80000008].reg = {[EBX] = 0x200},
	};

	for (unsigned i = 0; i < LEAF_19; i++)
		for (unsigned r = 0; r < 4; r++)
			f->active[i].reg[r] = f->cpuid[i].reg[r] & known[i].reg[r];
	for (unsigned i = 0; i < RULES; i++)
		if (rules[i].need & (NEEDS_AVX | NEEDS_AVX512 | NEEDS_AMX | NEEDS_FMA4 | NEEDS_RTM))
			features_put(f->active, rules[i].feature, false);
	features_put(f->active, F_PKU, false);
	features_put(f->active, F_XSAVEC, false);
	features_put(f->active, F_XFD, false);
}

static void activate(struct features *f, unsigned met)
{
	if (f->glibc == 232)
		activate_known(f);
	for (unsigned i = 0; i < RULES; i++)
		if ((rules[i].need & met) && f->glibc >= rules[i].since &&
			features_shown(f, rules[i].feature))
			features_put(f->active, rules[i].feature, true);
	/* These two follow from other features, even if CPUID does not report them. */
	if (met & NEEDS_XSAVE && f->glibc != 232)
		features_put(f->active, F_XSAVE, true);
	if (features_shown(f, F_OSPKE))
		features_put(f->active, F_PKU, true);
}

/* The size of the area that XSAVEC writes for the states of mask: the legacy area and the header
 * (SDM volume 1, 13.4), then the states one after the other.  Sets start[i] (start may be NULL) to
 * the offset of state i. */
static uint32_t compact_size(uint32_t mask, uint32_t *start)
{
	uint32_t end = 576;

	for (unsigned i = 2; i < 32; i++) {
		struct cpuid state = {{0}};

		if (mask & 1u << i)
			state = cpuid(0xd, i);
		if (i > 2 && state.reg[ECX] & 2)
			end = (end + 63) & -64u;
		if (start)
			start[i] = end;
		end += state.reg[EAX];
	}
	return end;
}

/* Computes the stack space in which ld.so's resolver and its TLS descriptors save registers: the
 * integer registers, then AVX, bound registers, masks, AVX-512, and from 2.40 on APX, without space
 * for AMX's. */
void features_read_xsave(struct features *f)
{
	enum { STATES = 0xec, APX = 1 << 19, AMX = 3 << 17, TILE_CONFIG = 17, BEHIND_TILES = 19 };
	uint32_t registers = f->glibc < 240 ? 64 : 88, start[32], full;

	f->compact = false;
	if (!features_shown(f, F_OSXSAVE) || f->max_leaf < 0xd || !(full = cpuid(0xd, 0).reg[EBX]))
		return;
	f->xsave_size = f->xsave_full_size = (full + registers + 63) & -64u;
	if (!features_shown(f, F_XSAVEC))
		return;
	f->compact = true;
	if (f->glibc < 240) {
		f->xsave_size = (compact_size(STATES, NULL) + registers + 63) & -64u;
	} else {
		f->xsave_size = (compact_size(STATES | APX | AMX, start) + registers + 63) & -64u;
		f->xsave_size -= start[BEHIND_TILES] - start[TILE_CONFIG];
	}
}

static bool all_active(const struct features *f, const uint16_t *list, size_t n)
{
	while (n-- > 0)
		if (!features_active(f, list[n]))
			return false;
	return true;
}

#define ALL_ACTIVE(f, ...)                                                                         \
	all_active(f, (const uint16_t[]){__VA_ARGS__},                                             \
		sizeof((const uint16_t[]){__VA_ARGS__}) / sizeof(uint16_t))

static uint32_t isa_levels(const struct features *f)
{
	if (!features_shown(f, F_FPU) ||
		!ALL_ACTIVE(f, F_CMOV, F_CX8, F_FXSR, F_MMX, F_SSE, F_SSE2))
		return 0;
	if (!ALL_ACTIVE(f, F_CMPXCHG16B, F_LAHF64_SAHF64, F_POPCNT, F_SSE3, F_SSSE3, F_SSE4_1,
		    F_SSE4_2))
		return 1;
	if (!ALL_ACTIVE(f, F_AVX, F_AVX2, F_BMI1, F_BMI2, F_F16C, F_FMA, F_LZCNT, F_MOVBE))
		return 1 | 2;
	if (!ALL_ACTIVE(f, F_AVX512F, F_AVX512BW, F_AVX512CD, F_AVX512DQ, F_AVX512VL))
		return 1 | 2 | 4;
	return 1 | 2 | 4 | 8;
}

/* The processor's vendor, as this glibc knows it: Hygon counted as AMD up to 2.40. */
static enum cpuid_vendor vendor_for(unsigned glibc)
{
	enum cpuid_vendor vendor = cpuid_vendor();

	if (vendor == CPUID_HYGON && glibc < 241)
		return glibc < 229 ? CPUID_OTHER : CPUID_AMD;
	return vendor == CPUID_ZHAOXIN && glibc < 232 ? CPUID_OTHER : vendor;
}

void features_read(struct features *f, unsigned glibc, uint64_t hwcap2)
{
	uint64_t xcr0;

	memset(f, 0, sizeof(*f));
	f->glibc = glibc;
	f->max_leaf = cpuid_max();
	f->vendor = vendor_for(glibc);
	if (f->vendor != CPUID_OTHER)
		f->model = cpuid_model();
	read_leaves(f);
	xcr0 = features_shown(f, F_OSXSAVE) ? cpuid_xcr0() : 0;
	/* AVX10's own leaf is read only if the processor has AVX10. */
	if (glibc >= 239 && xcr0 && features_shown(f, F_AVX10) && f->max_leaf >= 0x24)
		f->cpuid[LEAF_24] = cpuid(0x24, 0);
	activate(f, met_needs(f, xcr0, hwcap2));
	f->compact = features_active(f, F_XSAVEC);
	f->isa = isa_levels(f);
	features_prefer(f, P_AVX_Fast_Unaligned_Load, loads_fast(f));
	features_prefer(f, P_I586, features_shown(f, F_CX8));
	features_prefer(f, P_I686, features_shown(f, F_CMOV));
}

void features_check_xsave(struct features *f)
{
	bool off = !features_active(f, F_OSXSAVE);

	if (off)
		for (unsigned i = 0; i < RULES; i++)
			if (rules[i].need == NEEDS_XSAVE && rules[i].since < 238)
				features_put(f->active, rules[i].feature, false);
	if (!off && (features_active(f, F_XSAVE) || features_active(f, F_XSAVEC)))
		return;
	f->xsave_size = 0;
	/* glibc's list was not extended with the features that came later. */
	for (unsigned i = 0; i < RULES; i++)
		if ((rules[i].need & (NEEDS_AVX | NEEDS_AVX512 | NEEDS_AMX | NEEDS_FMA4)) &&
			rules[i].since < 238)
			features_put(f->active, rules[i].feature, false);
}

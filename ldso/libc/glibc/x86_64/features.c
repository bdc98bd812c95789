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
	for (unsigned i = 0; i < (f->glibc < 233 ? LEAF_7_1 : LEAF_24); i++)
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
	if ((met & NEEDS_AVX) && (f->vendor == CPUID_AMD || f->vendor == CPUID_HYGON))
		met |= f->vendor == CPUID_AMD || f->glibc < 241 ? NEEDS_FMA4 : 0;
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

struct rule {
	uint16_t feature, need, since;
};
static const struct rule rules[] = {
#define X(name, leaf, reg, bit, need, since) {F_##name, need, since},
	GLIBC_FEATURES(X)
#undef X
};
enum { RULES = sizeof(rules) / sizeof(rules[0]) };

static void activate(struct features *f, unsigned met)
{
	for (unsigned i = 0; i < RULES; i++)
		if ((rules[i].need & met) && f->glibc >= rules[i].since &&
			features_shown(f, rules[i].feature))
			features_put(f->active, rules[i].feature, true);
	/* These two follow from other features, even if CPUID does not report them. */
	if (met & NEEDS_XSAVE)
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
 * integer registers, then AVX, bound registers, masks, AVX-512, and from 2.39 on APX, without space
 * for AMX's. */
void features_read_xsave(struct features *f)
{
	enum { STATES = 0xec, APX = 1 << 19, AMX = 3 << 17, TILE_CONFIG = 17, BEHIND_TILES = 19 };
	uint32_t registers = f->glibc < 239 ? 64 : 88, start[32], full;

	f->compact = false;
	if (!features_shown(f, F_OSXSAVE) || f->max_leaf < 0xd || !(full = cpuid(0xd, 0).reg[EBX]))
		return;
	f->xsave_size = f->xsave_full_size = (full + registers + 63) & -64u;
	if (!features_shown(f, F_XSAVEC))
		return;
	f->compact = true;
	if (f->glibc < 239) {
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

void features_read(struct features *f, unsigned glibc, uint64_t hwcap2)
{
	uint64_t xcr0;

	memset(f, 0, sizeof(*f));
	f->glibc = glibc;
	f->max_leaf = cpuid_max();
	f->vendor = cpuid_vendor();
	if (f->vendor == CPUID_ZHAOXIN && glibc < 233)
		f->vendor = CPUID_OTHER;
	if (f->vendor != CPUID_OTHER)
		f->model = cpuid_model();
	read_leaves(f);
	xcr0 = features_shown(f, F_OSXSAVE) ? cpuid_xcr0() : 0;
	/* AVX10's own leaf is read only if the processor has AVX10. */
	if (glibc >= 240 && xcr0 && features_shown(f, F_AVX10) && f->max_leaf >= 0x24)
		f->cpuid[LEAF_24] = cpuid(0x24, 0);
	activate(f, met_needs(f, xcr0, hwcap2));
	f->compact = features_active(f, F_XSAVEC);
	f->isa = isa_levels(f);
	features_prefer(f, P_AVX_Fast_Unaligned_Load, features_active(f, F_AVX2));
	features_prefer(f, P_I586, features_shown(f, F_CX8));
	features_prefer(f, P_I686, features_shown(f, F_CMOV));
}

void features_check_xsave(struct features *f)
{
	bool off = !features_active(f, F_OSXSAVE);

	if (off)
		for (unsigned i = 0; i < RULES; i++)
			if (rules[i].need == NEEDS_XSAVE && rules[i].since < 241)
				features_put(f->active, rules[i].feature, false);
	if (!off && (features_active(f, F_XSAVE) || features_active(f, F_XSAVEC)))
		return;
	f->xsave_size = 0;
	/* glibc's list was not extended with the features that came later. */
	for (unsigned i = 0; i < RULES; i++)
		if ((rules[i].need & (NEEDS_AVX | NEEDS_AVX512 | NEEDS_AMX | NEEDS_FMA4)) &&
			rules[i].since < 241)
			features_put(f->active, rules[i].feature, false);
}

uint32_t features_preferred(const struct features *f)
{
	static const uint8_t old[] = {
		[P_I586] = 0,
		[P_I686] = 1,
		[P_Fast_Rep_String] = 2,
		[P_Fast_Copy_Backward] = 3,
		[P_Fast_Unaligned_Load] = 4,
		[P_Fast_Unaligned_Copy] = 5,
		[P_Slow_BSF] = 6,
		[P_Slow_SSE4_2] = 7,
		[P_AVX_Fast_Unaligned_Load] = 8,
		[P_Prefer_MAP_32BIT_EXEC] = 9,
		[P_Prefer_PMINUB_for_stringop] = 10,
		[P_Prefer_No_VZEROUPPER] = 11,
		[P_Prefer_ERMS] = 12,
		[P_Prefer_FSRM] = 13,
		[P_Prefer_No_AVX512] = 14,
		[P_MathVec_Prefer_No_AVX512] = 15,
		[P_Avoid_Short_Distance_REP_MOVSB] = 31, /* not in 2.31: never set there */
		[P_Avoid_Non_Temporal_Memset] = 31,
		[P_Avoid_STOSB] = 31,
		[P_Prefer_EVEX512] = 31,
		[P_Prefer_AVX2_STRCMP] = 16,
	};
	enum { BELOW_MAP_32BIT = (1 << P_Prefer_MAP_32BIT_EXEC) - 1 };
	uint32_t bits = 0;

	if (f->glibc >= 237)
		return f->preferred;
	if (f->glibc >= 233) /* without Prefer_MAP_32BIT_EXEC */
		return (f->preferred & BELOW_MAP_32BIT) | (f->preferred >> 1 & ~BELOW_MAP_32BIT);
	for (unsigned p = 0; p < sizeof(old); p++)
		if (features_prefers(f, p))
			bits |= 1u << old[p];
	return bits;
}

uint32_t features_usable_231(const struct features *f)
{
	/* The bit after VPCLMULQDQ's was XOP's, which was never set. */
	static const uint16_t order[] = {F_AVX, F_AVX2, F_AVX512F, F_AVX512CD, F_AVX512ER,
		F_AVX512PF, F_AVX512VL, F_AVX512DQ, F_AVX512BW, F_AVX512_4FMAPS, F_AVX512_4VNNIW,
		F_AVX512_BITALG, F_AVX512_IFMA, F_AVX512_VBMI, F_AVX512_VBMI2, F_AVX512_VNNI,
		F_AVX512_VPOPCNTDQ, F_FMA, F_FMA4, F_VAES, F_VPCLMULQDQ};
	enum { XSAVEC = 22 };
	uint32_t bits = f->compact && features_active(f, F_XSAVEC) ? 1u << XSAVEC : 0;

	for (unsigned i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (features_active(f, order[i]))
			bits |= 1u << i;
	return bits;
}

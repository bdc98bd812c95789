/* features.h (x86_64): the working copy of struct cpu_features, independent of glibc's version.
 *
 * A feature is a bit of a CPUID leaf.  There are two copies of the leaves that glibc keeps: as
 * CPUID reports them, and with only those bits that the system supports and that are not disabled
 * ("active").  A preference is a bit defined by glibc that influences the choice between functions.
 * Bit names are Intel's and AMD's, or glibc's where these have none.
 */
#ifndef GLIBC_FEATURES_H
#define GLIBC_FEATURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arch/x86_64/cpuid.h"

/* In glibc's order; an older glibc has fewer (cpu.features_count in layouts.def). */
enum {
	LEAF_1,
	LEAF_7,
	LEAF_80000001,
	LEAF_D_1,
	LEAF_80000007,
	LEAF_80000008,
	LEAF_7_1,
	LEAF_19,
	LEAF_14,
	LEAF_24,
	LEAVES,
};

enum { EAX = CPUID_EAX, EBX = CPUID_EBX, ECX = CPUID_ECX, EDX = CPUID_EDX };

/* Conditions under which a feature that CPUID reports is active; bits, to form the set of those
 * that this system meets. */
enum {
	NEEDS_NOTHING = 1 << 0,
	NEEDS_XSAVE = 1 << 1, /* the system uses it */
	NEEDS_AVX = 1 << 2,   /* AVX, and the system saves the ymm registers */
	NEEDS_YMM = 1 << 3,   /* the same, for AVX10 */
	NEEDS_ZMM = 1 << 4,   /* the system saves masks and zmm registers */
	NEEDS_AVX512 = 1 << 5,
	NEEDS_AMX = 1 << 6,
	NEEDS_APX = 1 << 7,
	NEEDS_AESKLE = 1 << 8,
	NEEDS_FMA4 = 1 << 9,      /* an AMD processor with AVX */
	NEEDS_RTM = 1 << 10,      /* transactions do not always abort */
	NEEDS_FSGSBASE = 1 << 11, /* reported by the kernel in AT_HWCAP2 */
	NEEDS_USER = 1 << 12,     /* only turned on by the user */
};

/* name, leaf, register, bit, need, and the first glibc (100 * major + minor) that marks it active. */
#define GLIBC_FEATURES(X)                                                                          \
	X(SSE3, LEAF_1, ECX, 0, NEEDS_NOTHING, 226)                                                \
	X(PCLMULQDQ, LEAF_1, ECX, 1, NEEDS_NOTHING, 226)                                           \
	X(SSSE3, LEAF_1, ECX, 9, NEEDS_NOTHING, 226)                                               \
	X(FMA, LEAF_1, ECX, 12, NEEDS_AVX, 226)                                                    \
	X(CMPXCHG16B, LEAF_1, ECX, 13, NEEDS_NOTHING, 226)                                         \
	X(SSE4_1, LEAF_1, ECX, 19, NEEDS_NOTHING, 226)                                             \
	X(SSE4_2, LEAF_1, ECX, 20, NEEDS_NOTHING, 226)                                             \
	X(MOVBE, LEAF_1, ECX, 22, NEEDS_NOTHING, 226)                                              \
	X(POPCNT, LEAF_1, ECX, 23, NEEDS_NOTHING, 226)                                             \
	X(AES, LEAF_1, ECX, 25, NEEDS_NOTHING, 226)                                                \
	X(XSAVE, LEAF_1, ECX, 26, NEEDS_XSAVE, 226)                                                \
	X(OSXSAVE, LEAF_1, ECX, 27, NEEDS_NOTHING, 226)                                            \
	X(AVX, LEAF_1, ECX, 28, NEEDS_AVX, 226)                                                    \
	X(F16C, LEAF_1, ECX, 29, NEEDS_AVX, 226)                                                   \
	X(RDRAND, LEAF_1, ECX, 30, NEEDS_NOTHING, 226)                                             \
	X(TSC, LEAF_1, EDX, 4, NEEDS_NOTHING, 226)                                                 \
	X(CX8, LEAF_1, EDX, 8, NEEDS_NOTHING, 226)                                                 \
	X(CMOV, LEAF_1, EDX, 15, NEEDS_NOTHING, 226)                                               \
	X(CLFSH, LEAF_1, EDX, 19, NEEDS_NOTHING, 226)                                              \
	X(MMX, LEAF_1, EDX, 23, NEEDS_NOTHING, 226)                                                \
	X(FXSR, LEAF_1, EDX, 24, NEEDS_NOTHING, 226)                                               \
	X(SSE, LEAF_1, EDX, 25, NEEDS_NOTHING, 226)                                                \
	X(SSE2, LEAF_1, EDX, 26, NEEDS_NOTHING, 226)                                               \
	X(HTT, LEAF_1, EDX, 28, NEEDS_NOTHING, 226)                                                \
	X(FSGSBASE, LEAF_7, EBX, 0, NEEDS_FSGSBASE, 238)                                           \
	X(BMI1, LEAF_7, EBX, 3, NEEDS_NOTHING, 226)                                                \
	X(HLE, LEAF_7, EBX, 4, NEEDS_NOTHING, 226)                                                 \
	X(AVX2, LEAF_7, EBX, 5, NEEDS_AVX, 226)                                                    \
	X(BMI2, LEAF_7, EBX, 8, NEEDS_NOTHING, 226)                                                \
	X(ERMS, LEAF_7, EBX, 9, NEEDS_NOTHING, 226)                                                \
	X(RTM, LEAF_7, EBX, 11, NEEDS_RTM, 226)                                                    \
	X(AVX512F, LEAF_7, EBX, 16, NEEDS_AVX512, 226)                                             \
	X(AVX512DQ, LEAF_7, EBX, 17, NEEDS_AVX512, 226)                                            \
	X(RDSEED, LEAF_7, EBX, 18, NEEDS_NOTHING, 226)                                             \
	X(ADX, LEAF_7, EBX, 19, NEEDS_NOTHING, 226)                                                \
	X(AVX512_IFMA, LEAF_7, EBX, 21, NEEDS_AVX512, 226)                                         \
	X(CLFLUSHOPT, LEAF_7, EBX, 23, NEEDS_NOTHING, 226)                                         \
	X(CLWB, LEAF_7, EBX, 24, NEEDS_NOTHING, 226)                                               \
	X(AVX512PF, LEAF_7, EBX, 26, NEEDS_AVX512, 226)                                            \
	X(AVX512ER, LEAF_7, EBX, 27, NEEDS_AVX512, 226)                                            \
	X(AVX512CD, LEAF_7, EBX, 28, NEEDS_AVX512, 226)                                            \
	X(SHA, LEAF_7, EBX, 29, NEEDS_NOTHING, 226)                                                \
	X(AVX512BW, LEAF_7, EBX, 30, NEEDS_AVX512, 226)                                            \
	X(AVX512VL, LEAF_7, EBX, 31, NEEDS_AVX512, 226)                                            \
	X(PREFETCHWT1, LEAF_7, ECX, 0, NEEDS_NOTHING, 226)                                         \
	X(AVX512_VBMI, LEAF_7, ECX, 1, NEEDS_AVX512, 226)                                          \
	X(OSPKE, LEAF_7, ECX, 4, NEEDS_NOTHING, 226)                                               \
	X(WAITPKG, LEAF_7, ECX, 5, NEEDS_NOTHING, 226)                                             \
	X(AVX512_VBMI2, LEAF_7, ECX, 6, NEEDS_AVX512, 226)                                         \
	X(SHSTK, LEAF_7, ECX, 7, NEEDS_USER, 226)                                                  \
	X(GFNI, LEAF_7, ECX, 8, NEEDS_NOTHING, 226)                                                \
	X(VAES, LEAF_7, ECX, 9, NEEDS_AVX, 226)                                                    \
	X(VPCLMULQDQ, LEAF_7, ECX, 10, NEEDS_AVX, 226)                                             \
	X(AVX512_VNNI, LEAF_7, ECX, 11, NEEDS_AVX512, 226)                                         \
	X(AVX512_BITALG, LEAF_7, ECX, 12, NEEDS_AVX512, 226)                                       \
	X(AVX512_VPOPCNTDQ, LEAF_7, ECX, 14, NEEDS_AVX512, 226)                                    \
	X(RDPID, LEAF_7, ECX, 22, NEEDS_NOTHING, 226)                                              \
	X(KL, LEAF_7, ECX, 23, NEEDS_AESKLE, 233)                                                  \
	X(CLDEMOTE, LEAF_7, ECX, 25, NEEDS_NOTHING, 226)                                           \
	X(MOVDIRI, LEAF_7, ECX, 27, NEEDS_NOTHING, 226)                                            \
	X(MOVDIR64B, LEAF_7, ECX, 28, NEEDS_NOTHING, 226)                                          \
	X(AVX512_4VNNIW, LEAF_7, EDX, 2, NEEDS_AVX512, 226)                                        \
	X(AVX512_4FMAPS, LEAF_7, EDX, 3, NEEDS_AVX512, 226)                                        \
	X(FSRM, LEAF_7, EDX, 4, NEEDS_NOTHING, 226)                                                \
	X(AVX512_VP2INTERSECT, LEAF_7, EDX, 8, NEEDS_AVX512, 226)                                  \
	X(RTM_ALWAYS_ABORT, LEAF_7, EDX, 11, NEEDS_NOTHING, 226)                                   \
	X(SERIALIZE, LEAF_7, EDX, 14, NEEDS_NOTHING, 226)                                          \
	X(TSXLDTRK, LEAF_7, EDX, 16, NEEDS_NOTHING, 226)                                           \
	X(IBT, LEAF_7, EDX, 20, NEEDS_USER, 226)                                                   \
	X(AMX_BF16, LEAF_7, EDX, 22, NEEDS_AMX, 226)                                               \
	X(AVX512_FP16, LEAF_7, EDX, 23, NEEDS_AVX512, 233)                                         \
	X(AMX_TILE, LEAF_7, EDX, 24, NEEDS_AMX, 226)                                               \
	X(AMX_INT8, LEAF_7, EDX, 25, NEEDS_AMX, 226)                                               \
	X(LAHF64_SAHF64, LEAF_80000001, ECX, 0, NEEDS_NOTHING, 226)                                \
	X(LZCNT, LEAF_80000001, ECX, 5, NEEDS_NOTHING, 226)                                        \
	X(SSE4A, LEAF_80000001, ECX, 6, NEEDS_NOTHING, 226)                                        \
	X(PREFETCHW, LEAF_80000001, ECX, 8, NEEDS_NOTHING, 226)                                    \
	X(XOP, LEAF_80000001, ECX, 11, NEEDS_AVX, 226)                                             \
	X(FMA4, LEAF_80000001, ECX, 16, NEEDS_FMA4, 226)                                           \
	X(TBM, LEAF_80000001, ECX, 21, NEEDS_NOTHING, 226)                                         \
	X(RDTSCP, LEAF_80000001, EDX, 27, NEEDS_NOTHING, 226)                                      \
	X(XSAVEOPT, LEAF_D_1, EAX, 0, NEEDS_XSAVE, 226)                                            \
	X(XSAVEC, LEAF_D_1, EAX, 1, NEEDS_XSAVE, 226)                                              \
	X(XGETBV_ECX_1, LEAF_D_1, EAX, 2, NEEDS_XSAVE, 226)                                        \
	X(XFD, LEAF_D_1, EAX, 4, NEEDS_XSAVE, 226)                                                 \
	X(WBNOINVD, LEAF_80000008, EBX, 9, NEEDS_NOTHING, 226)                                     \
	X(RAO_INT, LEAF_7_1, EAX, 3, NEEDS_NOTHING, 238)                                           \
	X(AVX_VNNI, LEAF_7_1, EAX, 4, NEEDS_AVX, 233)                                              \
	X(AVX512_BF16, LEAF_7_1, EAX, 5, NEEDS_AVX512, 226)                                        \
	X(CMPCCXADD, LEAF_7_1, EAX, 7, NEEDS_NOTHING, 238)                                         \
	X(FZLRM, LEAF_7_1, EAX, 10, NEEDS_NOTHING, 233)                                            \
	X(FSRS, LEAF_7_1, EAX, 11, NEEDS_NOTHING, 233)                                             \
	X(FSRCS, LEAF_7_1, EAX, 12, NEEDS_NOTHING, 233)                                            \
	X(AMX_FP16, LEAF_7_1, EAX, 21, NEEDS_AMX, 238)                                             \
	X(AVX_IFMA, LEAF_7_1, EAX, 23, NEEDS_AVX, 238)                                             \
	X(AVX_VNNI_INT8, LEAF_7_1, EDX, 4, NEEDS_AVX, 238)                                         \
	X(AVX_NE_CONVERT, LEAF_7_1, EDX, 5, NEEDS_AVX, 238)                                        \
	X(AMX_COMPLEX, LEAF_7_1, EDX, 8, NEEDS_AMX, 238)                                           \
	X(PREFETCHI, LEAF_7_1, EDX, 14, NEEDS_NOTHING, 238)                                        \
	X(AVX10, LEAF_7_1, EDX, 19, NEEDS_XSAVE, 239)                                              \
	X(APX_F, LEAF_7_1, EDX, 21, NEEDS_APX, 238)                                                \
	X(AESKLE, LEAF_19, EBX, 0, NEEDS_AESKLE, 233)                                              \
	X(WIDE_KL, LEAF_19, EBX, 2, NEEDS_AESKLE, 233)                                             \
	X(PTWRITE, LEAF_14, EBX, 4, NEEDS_NOTHING, 234)                                            \
	X(AVX10_XMM, LEAF_24, EBX, 16, NEEDS_XSAVE, 239)                                           \
	X(AVX10_YMM, LEAF_24, EBX, 17, NEEDS_YMM, 239)                                             \
	X(AVX10_ZMM, LEAF_24, EBX, 18, NEEDS_ZMM, 239)

/* A feature as a number: leaf, register, bit. */
#define FEATURE(leaf, reg, bit) ((leaf) << 7 | (reg) << 5 | (bit))
enum feature {
#define X(name, leaf, reg, bit, need, since) F_##name = FEATURE(leaf, reg, bit),
	GLIBC_FEATURES(X)
#undef X
		F_FPU = FEATURE(LEAF_1, EDX, 0),
	F_PKU = FEATURE(LEAF_7, ECX, 3),
};

/* Numbered as in 2.38 and later; features_preferred() converts. */
enum preference {
	P_Fast_Rep_String,
	P_Fast_Copy_Backward,
	P_Slow_BSF,
	P_Fast_Unaligned_Load,
	P_Prefer_PMINUB_for_stringop,
	P_Fast_Unaligned_Copy,
	P_I586,
	P_I686,
	P_Slow_SSE4_2,
	P_AVX_Fast_Unaligned_Load,
	P_Prefer_MAP_32BIT_EXEC,
	P_Prefer_No_VZEROUPPER,
	P_Prefer_ERMS,
	P_Prefer_No_AVX512,
	P_MathVec_Prefer_No_AVX512,
	P_Prefer_FSRM,
	P_Avoid_Short_Distance_REP_MOVSB,
	P_Avoid_Non_Temporal_Memset,
	P_Avoid_STOSB,
	P_Prefer_EVEX512,
	P_Prefer_AVX2_STRCMP, /* up to 2.34 */
};

struct features {
	unsigned glibc; /* the one whose rules hold: rules.cpu in layouts.def */
	enum cpuid_vendor vendor;
	struct cpuid_model model;
	uint32_t max_leaf;
	struct cpuid cpuid[LEAVES], active[LEAVES];
	uint32_t preferred; /* bits by enum preference */
	uint32_t isa;       /* GNU_PROPERTY_X86_ISA_1_*: baseline 1, v2 2, v3 4, v4 8 */
	uint32_t xsave_size, xsave_full_size;
	bool compact;     /* XSAVEC can be used */
	uint32_t divisor; /* the non-temporal threshold is the shared cache divided by this */
};

/* Whether this glibc has one copy of the leaves, where it also turns features off; what is active it
 * tells by a few bits beside its preferences. */
static inline bool features_one_copy(const struct features *f)
{
	return f->glibc < 232;
}

static inline bool features_word_has(const struct cpuid *leaves, unsigned feature)
{
	return leaves[feature >> 7].reg[feature >> 5 & 3] >> (feature & 31) & 1;
}

/* Whether CPUID reports the feature, and whether it may be used. */
static inline bool features_shown(const struct features *f, enum feature feature)
{
	return features_word_has(f->cpuid, feature);
}

static inline bool features_active(const struct features *f, enum feature feature)
{
	return features_word_has(f->active, feature);
}

static inline void features_put(struct cpuid *leaves, unsigned feature, bool on)
{
	uint32_t *word = &leaves[feature >> 7].reg[feature >> 5 & 3];

	*word = on ? *word | 1u << (feature & 31) : *word & ~(1u << (feature & 31));
}

static inline bool features_prefers(const struct features *f, enum preference p)
{
	return f->preferred >> p & 1;
}

static inline void features_prefer(struct features *f, enum preference p, bool on)
{
	f->preferred = on ? f->preferred | 1u << p : f->preferred & ~(1u << p);
}

/* features.c: fills in *f from the processor by the rules of this glibc (100 * major + minor), except
 * for xsave_*, the vendor's bits of `preferred`, and divisor. */
void features_read(struct features *f, unsigned glibc, uint64_t hwcap2);
void features_read_xsave(struct features *f);
/* Turns off the features that need XSAVE, if the user or the system has disabled that. */
void features_check_xsave(struct features *f);
/* preferences.c: f->preferred in the bits of the order that this version of glibc introduced
 * (rules.preferred_order in layouts.def); in the orders of before 2.29 with what is active. */
uint32_t features_preferred(const struct features *f, unsigned order);
/* The word of active features that glibc 2.29 to 2.31 have. */
uint32_t features_active_word(const struct features *f);

/* tuning.c: the preferences and corrections that depend on vendor and model. */
void features_tune(struct features *f);

/* hwcaps_tunable.c: applies glibc.cpu.hwcaps, a list of names; "-" before a name turns it off. */
void features_apply_hwcaps(struct features *f, const char *list);

#endif

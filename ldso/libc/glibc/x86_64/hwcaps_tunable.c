/* hwcaps_tunable.c (x86_64): the tunable glibc.cpu.hwcaps, which turns features off and preferences
 * on or off: GLIBC_TUNABLES=glibc.cpu.hwcaps=-AVX2,Prefer_ERMS
 *
 * A feature can't be turned on, and a preference that depends on a feature only if that is active.
 * Unknown names are ignored, as in glibc.
 */
#include "libc/glibc/x86_64/features.h"

#include "base/mem.h"

enum kind {
	OFF,        /* a feature, which can be turned off */
	OFF_USABLE, /* the same, among the bits of active features that glibc up to 2.31 has */
	SWITCH,     /* a feature that can also be turned on, if CPUID reports it */
	PREFERENCE,
	PREFERENCE_OFF,
};

enum { ALWAYS = 0xffff, NEVER = 0xff };

static const struct name {
	char name[28];
	uint16_t what;        /* enum feature or enum preference */
	uint16_t need;        /* the feature that must be active to turn it on, or ALWAYS */
	uint8_t kind;         /* enum kind */
	uint8_t since, until; /* glibc 2.since up to but not with 2.until */
} names[] = {
	{"AVX", F_AVX, 0, OFF, 26, NEVER},
	{"AVX2", F_AVX2, 0, OFF, 26, NEVER},
	{"AVX512BW", F_AVX512BW, 0, OFF, 26, NEVER},
	{"AVX512CD", F_AVX512CD, 0, OFF, 26, NEVER},
	{"AVX512DQ", F_AVX512DQ, 0, OFF, 26, NEVER},
	{"AVX512ER", F_AVX512ER, 0, OFF, 26, NEVER},
	{"AVX512F", F_AVX512F, 0, OFF, 26, NEVER},
	{"AVX512PF", F_AVX512PF, 0, OFF, 26, NEVER},
	{"AVX512VL", F_AVX512VL, 0, OFF, 26, NEVER},
	{"BMI1", F_BMI1, 0, OFF, 26, NEVER},
	{"BMI2", F_BMI2, 0, OFF, 26, NEVER},
	{"CMOV", F_CMOV, 0, OFF, 26, NEVER},
	{"CX8", F_CX8, 0, OFF, 26, NEVER},
	{"ERMS", F_ERMS, 0, OFF, 26, NEVER},
	{"FMA", F_FMA, 0, OFF, 26, NEVER},
	{"FMA4", F_FMA4, 0, OFF, 26, NEVER},
	{"HTT", F_HTT, 0, OFF, 26, NEVER},
	{"IBT", F_IBT, 0, OFF, 27, NEVER},
	{"LZCNT", F_LZCNT, 0, OFF, 26, NEVER},
	{"MOVBE", F_MOVBE, 0, OFF, 26, NEVER},
	{"OSXSAVE", F_OSXSAVE, 0, OFF, 26, NEVER},
	{"POPCNT", F_POPCNT, 0, OFF, 26, NEVER},
	{"RTM", F_RTM, 0, OFF, 26, NEVER},
	{"SHSTK", F_SHSTK, 0, OFF, 27, 39},
	{"SHSTK", F_SHSTK, 0, SWITCH, 39, NEVER},
	{"SSE2", F_SSE2, 0, OFF, 26, NEVER},
	{"SSE4_1", F_SSE4_1, 0, OFF, 26, NEVER},
	{"SSE4_2", F_SSE4_2, 0, OFF, 26, NEVER},
	{"SSSE3", F_SSSE3, 0, OFF, 26, NEVER},
	{"XSAVE", F_XSAVE, 0, OFF, 34, NEVER},
	{"XSAVEC", F_XSAVEC, 0, OFF, 32, NEVER},

	{"AVX2_Usable", F_AVX2, 0, OFF_USABLE, 26, 32},
	{"AVX512DQ_Usable", F_AVX512DQ, 0, OFF_USABLE, 26, 32},
	{"AVX512F_Usable", F_AVX512F, 0, OFF_USABLE, 26, 32},
	{"AVX_Usable", F_AVX, 0, OFF_USABLE, 26, 32},
	{"FMA4_Usable", F_FMA4, 0, OFF_USABLE, 26, 32},
	{"FMA_Usable", F_FMA, 0, OFF_USABLE, 26, 32},
	{"XSAVEC_Usable", F_XSAVEC, 0, OFF_USABLE, 26, 32},

	{"AVX_Fast_Unaligned_Load", P_AVX_Fast_Unaligned_Load, F_AVX, PREFERENCE, 26, NEVER},
	{"Avoid_Non_Temporal_Memset", P_Avoid_Non_Temporal_Memset, ALWAYS, PREFERENCE, 40, NEVER},
	{"Avoid_STOSB", P_Avoid_STOSB, ALWAYS, PREFERENCE, 41, NEVER},
	{"Fast_Copy_Backward", P_Fast_Copy_Backward, ALWAYS, PREFERENCE, 26, NEVER},
	{"Fast_Rep_String", P_Fast_Rep_String, ALWAYS, PREFERENCE, 26, NEVER},
	{"Fast_Unaligned_Copy", P_Fast_Unaligned_Copy, ALWAYS, PREFERENCE, 26, NEVER},
	{"Fast_Unaligned_Load", P_Fast_Unaligned_Load, ALWAYS, PREFERENCE, 26, NEVER},
	{"I586", P_I586, ALWAYS, PREFERENCE_OFF, 26, NEVER},
	{"I686", P_I686, ALWAYS, PREFERENCE_OFF, 26, NEVER},
	{"MathVec_Prefer_No_AVX512", P_MathVec_Prefer_No_AVX512, F_AVX512F, PREFERENCE, 26, NEVER},
	{"Prefer_AVX2_STRCMP", P_Prefer_AVX2_STRCMP, F_AVX2, PREFERENCE, 26, 35},
	{"Prefer_EVEX512", P_Prefer_EVEX512, F_AVX512F, PREFERENCE, 44, NEVER},
	{"Prefer_ERMS", P_Prefer_ERMS, ALWAYS, PREFERENCE, 26, NEVER},
	{"Prefer_FSRM", P_Prefer_FSRM, ALWAYS, PREFERENCE, 26, NEVER},
	{"Prefer_MAP_32BIT_EXEC", P_Prefer_MAP_32BIT_EXEC, ALWAYS, PREFERENCE, 26, 35},
	{"Prefer_No_AVX512", P_Prefer_No_AVX512, F_AVX512F, PREFERENCE, 26, NEVER},
	{"Prefer_No_VZEROUPPER", P_Prefer_No_VZEROUPPER, F_AVX, PREFERENCE, 26, NEVER},
	{"Prefer_PMINUB_for_stringop", P_Prefer_PMINUB_for_stringop, F_SSE2, PREFERENCE, 26, NEVER},
	{"Slow_BSF", P_Slow_BSF, ALWAYS, PREFERENCE, 26, NEVER},
	{"Slow_SSE4_2", P_Slow_SSE4_2, F_SSE4_2, PREFERENCE, 26, NEVER},
};

static const struct name *find(const struct features *f, const char *name, size_t length)
{
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		if (strlen(names[i].name) == length && memcmp(names[i].name, name, length) == 0 &&
			f->glibc >= 200u + names[i].since && f->glibc < 200u + names[i].until)
			return &names[i];
	return NULL;
}

static void turn_off(struct features *f, const struct name *n)
{
	bool shown = n->kind == OFF && features_one_copy(f);

	features_put(shown ? f->cpuid : f->active, n->what, false);
	if (n->what == F_XSAVEC)
		f->xsave_size = f->xsave_full_size;
}

/* Whether a preference's feature is active.  With one copy of the leaves, the bits of active features
 * do not have those of SSE. */
static bool is_met(const struct features *f, enum feature need)
{
	if (features_one_copy(f) && (need == F_SSE2 || need == F_SSE4_2))
		return features_shown(f, need);
	return features_active(f, need);
}

static void apply(struct features *f, const struct name *n, bool on)
{
	switch ((enum kind)n->kind) {
	case OFF:
	case OFF_USABLE:
		if (!on)
			turn_off(f, n);
		return;
	case SWITCH: features_put(f->active, n->what, on && features_shown(f, n->what)); return;
	case PREFERENCE_OFF:
		if (!on)
			features_prefer(f, n->what, false);
		return;
	case PREFERENCE:
		if (!on || n->need == ALWAYS || is_met(f, n->need))
			features_prefer(f, n->what, on);
	}
}

void features_apply_hwcaps(struct features *f, const char *list)
{
	while (*list) {
		const char *end = strchr(list, ',');
		size_t length = end ? (size_t)(end - list) : strlen(list);
		bool on = *list != '-';
		const struct name *n = find(f, list + !on, length - !on);

		if (n)
			apply(f, n, on);
		list += length + !!end;
	}
}

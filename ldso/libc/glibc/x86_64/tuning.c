/* tuning.c (x86_64): glibc's preferences for each processor.
 *
 * The choices are glibc's, based on measurements; with a wrong one programs would still run, but
 * libc would use other functions than under its own ld.so.
 */
#include "libc/glibc/x86_64/features.h"

/* Groups of Intel's models with the same preferences. */
enum tuning {
	TUNE_DEFAULT,
	TUNE_BONNELL,
	TUNE_SILVERMONT,
	TUNE_TREMONT,
	TUNE_NEHALEM,      /* and Westmere */
	TUNE_SANDY_BRIDGE, /* to Broadwell */
	TUNE_SKYLAKE,      /* and its successors */
	TUNE_SKYLAKE_SERVER,
};

struct model {
	uint8_t family, model, tuning;
	uint8_t since; /* glibc 2.since */
};

/* Other models get TUNE_DEFAULT. */
static const struct model models[] = {
	{6, 0x1c, TUNE_BONNELL, 26},
	{6, 0x26, TUNE_BONNELL, 26},
	{6, 0x27, TUNE_BONNELL, 38},
	{6, 0x35, TUNE_BONNELL, 38},
	{6, 0x36, TUNE_BONNELL, 38},

	{6, 0x37, TUNE_SILVERMONT, 26},
	{6, 0x4a, TUNE_SILVERMONT, 26},
	{6, 0x4c, TUNE_SILVERMONT, 26},
	{6, 0x4d, TUNE_SILVERMONT, 26},
	{6, 0x57, TUNE_SILVERMONT, 26},
	{6, 0x5a, TUNE_SILVERMONT, 26},
	{6, 0x5c, TUNE_SILVERMONT, 26},
	{6, 0x5d, TUNE_SILVERMONT, 26},
	{6, 0x5f, TUNE_SILVERMONT, 26},
	{6, 0x75, TUNE_SILVERMONT, 32},
	{6, 0x7a, TUNE_SILVERMONT, 32},

	{6, 0x86, TUNE_TREMONT, 32},
	{6, 0x96, TUNE_TREMONT, 32},
	{6, 0x9c, TUNE_TREMONT, 32},

	{6, 0x1a, TUNE_NEHALEM, 26},
	{6, 0x1e, TUNE_NEHALEM, 26},
	{6, 0x1f, TUNE_NEHALEM, 26},
	{6, 0x25, TUNE_NEHALEM, 26},
	{6, 0x2c, TUNE_NEHALEM, 26},
	{6, 0x2e, TUNE_NEHALEM, 26},
	{6, 0x2f, TUNE_NEHALEM, 26},

	/* Sandy Bridge, Ivy Bridge, Haswell, Broadwell */
	{6, 0x2a, TUNE_SANDY_BRIDGE, 38},
	{6, 0x2d, TUNE_SANDY_BRIDGE, 38},
	{6, 0x3a, TUNE_SANDY_BRIDGE, 38},
	{6, 0x3e, TUNE_SANDY_BRIDGE, 38},
	{6, 0x3c, TUNE_SANDY_BRIDGE, 38},
	{6, 0x3f, TUNE_SANDY_BRIDGE, 38},
	{6, 0x45, TUNE_SANDY_BRIDGE, 38},
	{6, 0x46, TUNE_SANDY_BRIDGE, 38},
	{6, 0x3d, TUNE_SANDY_BRIDGE, 38},
	{6, 0x47, TUNE_SANDY_BRIDGE, 38},
	{6, 0x4f, TUNE_SANDY_BRIDGE, 38},
	{6, 0x56, TUNE_SANDY_BRIDGE, 38},

	/* Skylake server with its successors of the same model, Cannon Lake */
	{6, 0x55, TUNE_SKYLAKE_SERVER, 38},
	{6, 0x66, TUNE_SKYLAKE_SERVER, 38},

	/* Skylake, Kaby Lake, Comet Lake, Ice Lake, Tiger Lake, Rocket Lake */
	{6, 0x4e, TUNE_SKYLAKE, 38},
	{6, 0x5e, TUNE_SKYLAKE, 38},
	{6, 0x8e, TUNE_SKYLAKE, 38},
	{6, 0x9e, TUNE_SKYLAKE, 38},
	{6, 0xa5, TUNE_SKYLAKE, 38},
	{6, 0xa6, TUNE_SKYLAKE, 38},
	{6, 0x6a, TUNE_SKYLAKE, 38},
	{6, 0x6c, TUNE_SKYLAKE, 38},
	{6, 0x7d, TUNE_SKYLAKE, 38},
	{6, 0x7e, TUNE_SKYLAKE, 38},
	{6, 0x9d, TUNE_SKYLAKE, 38},
	{6, 0x8c, TUNE_SKYLAKE, 38},
	{6, 0x8d, TUNE_SKYLAKE, 38},
	{6, 0xa7, TUNE_SKYLAKE, 38},
	/* Lakefield, Alder Lake, Raptor Lake, Meteor Lake, Lunar Lake, Arrow Lake */
	{6, 0x8a, TUNE_SKYLAKE, 38},
	{6, 0x97, TUNE_SKYLAKE, 38},
	{6, 0x9a, TUNE_SKYLAKE, 38},
	{6, 0xbe, TUNE_SKYLAKE, 38},
	{6, 0xb7, TUNE_SKYLAKE, 38},
	{6, 0xba, TUNE_SKYLAKE, 38},
	{6, 0xbf, TUNE_SKYLAKE, 38},
	{6, 0xaa, TUNE_SKYLAKE, 38},
	{6, 0xac, TUNE_SKYLAKE, 38},
	{6, 0xbd, TUNE_SKYLAKE, 40},
	{6, 0xc6, TUNE_SKYLAKE, 40},
	{6, 0xb5, TUNE_SKYLAKE, 40},
	{6, 0xc5, TUNE_SKYLAKE, 40},
	/* Panther Lake, Wildcat Lake, Nova Lake */
	{6, 0xcc, TUNE_SKYLAKE, 40},
	{6, 0xd5, TUNE_SKYLAKE, 40},
	{18, 0x01, TUNE_SKYLAKE, 40},
	{18, 0x03, TUNE_SKYLAKE, 40},
	/* Sapphire, Emerald, Granite and Diamond Rapids */
	{6, 0x8f, TUNE_SKYLAKE, 38},
	{6, 0xcf, TUNE_SKYLAKE, 38},
	{6, 0xad, TUNE_SKYLAKE, 38},
	{6, 0xae, TUNE_SKYLAKE, 38},
	{19, 0x01, TUNE_SKYLAKE, 40},
};

static enum tuning find_tuning(const struct features *f)
{
	for (unsigned i = 0; i < sizeof(models) / sizeof(models[0]); i++)
		if (models[i].family == f->model.family && models[i].model == f->model.model)
			return f->glibc >= 200u + models[i].since ? models[i].tuning : TUNE_DEFAULT;
	return TUNE_DEFAULT;
}

static void prefer_unaligned(struct features *f)
{
	features_prefer(f, P_Fast_Unaligned_Load, true);
	features_prefer(f, P_Fast_Unaligned_Copy, true);
	features_prefer(f, P_Prefer_PMINUB_for_stringop, true);
}

static void tune_intel_model(struct features *f)
{
	enum tuning tuning = find_tuning(f);

	switch (tuning) {
	case TUNE_BONNELL: features_prefer(f, P_Slow_BSF, true); return;
	case TUNE_TREMONT: features_prefer(f, P_Fast_Rep_String, true); /* fall through */
	case TUNE_SILVERMONT:
		prefer_unaligned(f);
		features_prefer(f, P_Slow_SSE4_2, true);
		return;
	case TUNE_NEHALEM:
	case TUNE_SANDY_BRIDGE: f->divisor = 8; break;
	case TUNE_SKYLAKE_SERVER:
		features_prefer(f, P_Avoid_Non_Temporal_Memset, f->glibc >= 240);
		/* fall through */
	case TUNE_SKYLAKE: f->divisor = 2; break;
	case TUNE_DEFAULT: break;
	}
	/* AVX means Sandy Bridge or later. */
	if (tuning == TUNE_NEHALEM || features_shown(f, F_AVX)) {
		features_prefer(f, P_Fast_Rep_String, true);
		prefer_unaligned(f);
	}
}

/* Turns transactional memory off on models with errata, if need be in CPUID's copy. */
static void disable_tsx(struct features *f)
{
	unsigned model = f->model.model, stepping = f->model.stepping;
	struct cpuid *leaves = features_one_copy(f) ? f->cpuid : f->active;
	bool haswell =
		model == 0x3c || model == 0x45 || model == 0x46 || (model == 0x3f && stepping < 4);
	bool skylake = f->glibc >= 228 &&
		       (model == 0x4e || model == 0x5e || (model == 0x55 && stepping <= 5) ||
			       ((model == 0x8e || model == 0x9e) && stepping <= 12));

	if (haswell || skylake)
		features_put(leaves, F_RTM, false);
	if (skylake)
		features_put(leaves, F_RTM_ALWAYS_ABORT, true);
	if (skylake && f->glibc >= 229)
		features_put(leaves, F_HLE, false);
}

static void tune_intel(struct features *f)
{
	bool old = f->glibc < 233, rtm;

	features_prefer(f, P_Avoid_Non_Temporal_Memset, false);
	if (features_one_copy(f) && f->glibc >= 228 && features_shown(f, F_RTM_ALWAYS_ABORT))
		features_put(f->cpuid, F_RTM, false);
	if (f->model.family == 6 || f->glibc >= 240)
		tune_intel_model(f);
	if (f->model.family == 6)
		disable_tsx(f);
	rtm = features_one_copy(f) ? features_shown(f, F_RTM) : features_active(f, F_RTM);
	if (features_shown(f, F_AVX512ER)) { /* only Xeon Phi */
		features_prefer(f, P_Prefer_No_VZEROUPPER, true);
	} else {
		/* Cores with AVX-VNNI do not reduce their clock when zmm registers are used. */
		if (old || !features_shown(f, F_AVX_VNNI))
			features_prefer(f, P_Prefer_No_AVX512, true);
		/* VZEROUPPER aborts a transaction. */
		if (rtm && f->glibc >= 228)
			features_prefer(f, P_Prefer_No_VZEROUPPER, true);
		if ((f->glibc >= 228 && f->glibc < 233) || f->glibc == 234)
			features_prefer(f, P_Prefer_AVX2_STRCMP, features_active(f, F_AVX2));
	}
	if (!old && features_shown(f, F_FSRM))
		features_prefer(f, P_Avoid_Short_Distance_REP_MOVSB, true);
}

static void tune_amd(struct features *f)
{
	features_prefer(f, P_Avoid_Non_Temporal_Memset, false);
	if (f->model.family == 0x15 && f->model.model >= 0x60 && f->model.model <= 0x7f) {
		/* Excavator */
		features_prefer(f, P_Fast_Unaligned_Load, true);
		features_prefer(f, P_Fast_Copy_Backward, true);
		features_prefer(f, P_AVX_Fast_Unaligned_Load, false);
	}
	if (f->glibc >= 244 && f->model.family == 0x1a && features_active(f, F_AVX512F))
		features_prefer(f, P_Prefer_EVEX512, true); /* Zen 5 */
}

static void tune_hygon(struct features *f)
{
	features_prefer(f, P_Avoid_Non_Temporal_Memset, false);
	if (f->glibc < 243)
		return;
	if (f->model.model < 4)
		features_prefer(f, P_AVX_Fast_Unaligned_Load, false);
	else if (f->model.model == 7 || (f->model.model == 8 && f->glibc >= 244))
		features_prefer(f, P_Prefer_No_AVX512, true);
}

static void tune_zhaoxin(struct features *f)
{
	unsigned family = f->model.family, model = f->model.model;
	bool old = (family == 6 && (model == 0xf || model == 0x19)) ||
		   (family == 7 && model == 0x1b); /* Wudaokou */

	if (old || (family == 7 && model == 0x3b)) { /* Lujiazui */
		features_put(f->active, F_AVX, false);
		features_put(f->active, F_AVX2, false);
		features_prefer(f, P_AVX_Fast_Unaligned_Load, false);
		features_prefer(f, P_Slow_SSE4_2, old);
	}
	if (f->glibc >= 240 && family == 7 && (model == 0x5b || model == 0x6b)) {
		/* Yongfeng, Shijidadao */
		if (model == 0x5b)
			f->divisor = 2;
		features_prefer(f, P_AVX_Fast_Unaligned_Load, false);
		features_prefer(f, P_Prefer_No_VZEROUPPER, true);
		features_prefer(f, P_Fast_Unaligned_Load, true);
	}
}

void features_tune(struct features *f)
{
	f->divisor = 4;
	features_prefer(f, P_Avoid_Non_Temporal_Memset, f->glibc >= 240);
	switch (f->vendor) {
	case CPUID_INTEL: tune_intel(f); break;
	case CPUID_AMD: tune_amd(f); break;
	case CPUID_HYGON: tune_hygon(f); break;
	case CPUID_ZHAOXIN: tune_zhaoxin(f); break;
	case CPUID_OTHER: break;
	}
	if (f->glibc >= 241 && !features_active(f, F_ERMS))
		features_prefer(f, P_Avoid_STOSB, true);
}

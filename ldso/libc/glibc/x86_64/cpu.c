/* cpu.c (x86_64): fills struct cpu_features: features, caches and memcpy's thresholds, tunables.
 *
 * Its form is in the table (cpu.* in layouts.def).  By which upstream version's rules the contents
 * are computed is there, too (rules.cpu): of a stable branch they are those of its later states.
 * A libc up to 2.32 computes caches and thresholds itself.
 */
#include "libc/glibc/x86_64/cpu.h"

#include "libc/glibc/x86_64/cpu_caches.h"
#include "base/mem.h"
#include "libc/glibc/layout.h"
#include "libc/glibc/x86_64/features.h"

enum { NON_TEMPORAL_MIN = 0x4040 };      /* bytes; required by a loop of large_memset */
#define NON_TEMPORAL_MAX (SIZE_MAX >> 4) /* libc shifts it to the left by 4 */

const char *glibc_cpu_size_name(enum glibc_cpu_size size)
{
	static const char names[GLIBC_CPU_SIZES][48] = {
		[GLIBC_DATA_CACHE_SIZE] = "glibc.cpu.x86_data_cache_size",
		[GLIBC_SHARED_CACHE_SIZE] = "glibc.cpu.x86_shared_cache_size",
		[GLIBC_NON_TEMPORAL_THRESHOLD] = "glibc.cpu.x86_non_temporal_threshold",
		[GLIBC_MEMSET_NON_TEMPORAL_THRESHOLD] =
			"glibc.cpu.x86_memset_non_temporal_threshold",
		[GLIBC_REP_MOVSB_THRESHOLD] = "glibc.cpu.x86_rep_movsb_threshold",
		[GLIBC_REP_STOSB_THRESHOLD] = "glibc.cpu.x86_rep_stosb_threshold",
	};

	return names[size];
}

static uint64_t non_temporal_threshold(const struct features *f, const struct caches *c)
{
	uint64_t low = (uint64_t)(c->per_thread * 3 / 4), t;

	if (f->glibc < 238)
		t = (uint64_t)(c->shared / 4);
	else
		t = (uint64_t)c->shared / f->divisor; /* unknown (-1) becomes the maximum */
	if (t < low)
		t = low;
	/* Without "rep movsb" the threshold is a thread's own part of the cache. */
	if (!features_active(f, F_ERMS) && (f->glibc < 240 || f->vendor != CPUID_ZHAOXIN))
		t = low;
	if (t < NON_TEMPORAL_MIN)
		return f->glibc < 238 ? NON_TEMPORAL_MIN : 64 << 20;
	return t < NON_TEMPORAL_MAX ? t : NON_TEMPORAL_MAX;
}

/* The length in bytes of the vectors that memmove uses. */
static unsigned vector_length(const struct features *f)
{
	if (features_active(f, F_AVX512F) && !features_prefers(f, P_Prefer_No_AVX512))
		return 64;
	return features_prefers(f, P_AVX_Fast_Unaligned_Load) ? 32 : 16;
}

static uint64_t rep_movsb_threshold(const struct features *f, uint64_t non_temporal)
{
	unsigned vector = vector_length(f);

	/* From 2.40 on "rep movsb" is not used on AMD's processors. */
	if (f->vendor == CPUID_AMD && f->glibc >= 240)
		return non_temporal;
	if (features_active(f, F_FSRM))
		return 2112;
	return vector == 16 ? 2048 : 256 * vector;
}

/* Chooses the value of a tunable: the user's if that is between low and high, else `computed`.
 * Sets its upper bound. */
static uint64_t choose(struct glibc_cpu_options *o, enum glibc_cpu_size size, uint64_t computed,
	uint64_t low, uint64_t high)
{
	uint64_t users = o->size[size].value;

	if (!o->size[size].set || users < low || users > high)
		o->size[size].value = computed;
	o->size[size].max = SIZE_MAX;
	return o->size[size].value;
}

static void choose_sizes(
	struct glibc_cpu_options *o, const struct features *f, const struct caches *c)
{
	uint64_t non_temporal = non_temporal_threshold(f, c);
	uint64_t rep_movsb = rep_movsb_threshold(f, non_temporal);
	unsigned rep_movsb_min = 8 * vector_length(f);
	uint64_t memset_non_temporal =
		features_prefers(f, P_Avoid_Non_Temporal_Memset) ? SIZE_MAX : non_temporal;
	bool stosb_is_slow = f->vendor == CPUID_AMD && f->glibc >= 240;

	choose(o, GLIBC_DATA_CACHE_SIZE, (uint64_t)c->level[CACHE_L1D].size, 1, SIZE_MAX);
	choose(o, GLIBC_SHARED_CACHE_SIZE, (uint64_t)c->shared, 1, SIZE_MAX);
	if (f->vendor == CPUID_HYGON && f->glibc >= 244) /* not for memset */
		non_temporal = (uint64_t)(c->per_thread * 3 / 8);
	choose(o, GLIBC_NON_TEMPORAL_THRESHOLD, non_temporal, NON_TEMPORAL_MIN + 1,
		NON_TEMPORAL_MAX);
	o->size[GLIBC_NON_TEMPORAL_THRESHOLD].min = NON_TEMPORAL_MIN;
	o->size[GLIBC_NON_TEMPORAL_THRESHOLD].max = NON_TEMPORAL_MAX;
	choose(o, GLIBC_REP_MOVSB_THRESHOLD, rep_movsb, rep_movsb_min + 1, INT64_MAX);
	o->size[GLIBC_REP_MOVSB_THRESHOLD].min = rep_movsb_min;
	choose(o, GLIBC_REP_STOSB_THRESHOLD, stosb_is_slow ? SIZE_MAX : 2048, 0, SIZE_MAX);
	o->size[GLIBC_REP_STOSB_THRESHOLD].min = 1;
	if (f->glibc < 240)
		return;
	memset_non_temporal = choose(o, GLIBC_MEMSET_NON_TEMPORAL_THRESHOLD, memset_non_temporal,
		NON_TEMPORAL_MIN + 1, NON_TEMPORAL_MAX);
	o->size[GLIBC_MEMSET_NON_TEMPORAL_THRESHOLD].min = NON_TEMPORAL_MIN;
	/* memset checks the threshold of "rep stosb" before that of non-temporal stores: if they
	 * are equal, "rep stosb" is never used; if the first was higher, the second would have no
	 * effect. */
	if (features_prefers(f, P_Avoid_STOSB) ||
		(f->glibc >= 244 && !o->size[GLIBC_REP_STOSB_THRESHOLD].set &&
			o->size[GLIBC_REP_STOSB_THRESHOLD].value > memset_non_temporal))
		o->size[GLIBC_REP_STOSB_THRESHOLD].value = memset_non_temporal;
}

static void put_32(void *to, uint16_t offset, uint32_t value)
{
	if (offset != GLIBC_NONE)
		memcpy((char *)to + offset, &value, sizeof(value));
}

static void put_64(void *to, uint16_t offset, uint64_t value)
{
	if (offset != GLIBC_NONE)
		memcpy((char *)to + offset, &value, sizeof(value));
}

static void put_identity(void *to, const struct glibc_layout *l, const struct features *f)
{
	uint32_t kind = 3 + (f->glibc >= 232) + (f->glibc >= 241); /* other */

	switch (f->vendor) {
	case CPUID_INTEL: kind = 1; break;
	case CPUID_AMD: kind = 2; break;
	case CPUID_HYGON: kind = 4; break;
	case CPUID_ZHAOXIN: kind = 3; break;
	case CPUID_OTHER: break;
	}
	put_32(to, l->cpu.kind, kind);
	put_32(to, l->cpu.max_cpuid, f->max_leaf);
	put_32(to, l->cpu.family, f->model.family);
	put_32(to, l->cpu.model, f->model.model);
	put_32(to, l->cpu.stepping, f->vendor == CPUID_ZHAOXIN ? 0 : f->model.stepping);
}

/* An element consists of what CPUID reports and, if it is large enough, of what is active. */
static void put_features(void *to, const struct glibc_layout *l, const struct features *f)
{
	const size_t size = sizeof f->cpuid->reg;
	char *at = (char *)to + l->cpu.features;

	for (unsigned i = 0; i < LEAVES && i < l->cpu.features_count; i++) {
		memcpy(at, f->cpuid[i].reg, size);
		if (l->cpu.features_stride >= 2 * size)
			memcpy(at + size, f->active[i].reg, size);
		at += l->cpu.features_stride;
	}
}

static void put_preferred(void *to, const struct glibc_layout *l, const struct features *f)
{
	bool two = l->cpu.preferred_count > 1;

	if (two)
		put_32(to, l->cpu.preferred, features_active_word(f));
	put_32(to, (uint16_t)(l->cpu.preferred + (two ? sizeof(uint32_t) : 0)),
		features_preferred(f, l->rules.preferred_order));
}

static void put_caches(void *to, const struct glibc_layout *l, const struct caches *c)
{
	const struct cache *level = c->level;

	put_64(to, l->cpu.level1_icache_size, level[CACHE_L1I].size);
	put_64(to, l->cpu.level1_icache_linesize, level[CACHE_L1I].line);
	put_64(to, l->cpu.level1_dcache_size, level[CACHE_L1D].size);
	put_64(to, l->cpu.level1_dcache_assoc, level[CACHE_L1D].assoc);
	put_64(to, l->cpu.level1_dcache_linesize, level[CACHE_L1D].line);
	put_64(to, l->cpu.level2_cache_size, level[CACHE_L2].size);
	put_64(to, l->cpu.level2_cache_assoc, level[CACHE_L2].assoc);
	put_64(to, l->cpu.level2_cache_linesize, level[CACHE_L2].line);
	put_64(to, l->cpu.level3_cache_size, level[CACHE_L3].size);
	put_64(to, l->cpu.level3_cache_assoc, level[CACHE_L3].assoc);
	put_64(to, l->cpu.level3_cache_linesize, level[CACHE_L3].line);
	put_64(to, l->cpu.level4_cache_size, level[CACHE_L4].size);
}

static void put_sizes(void *to, const struct glibc_layout *l, const struct glibc_cpu_options *o)
{
	put_64(to, l->cpu.data_cache_size, o->size[GLIBC_DATA_CACHE_SIZE].value);
	put_64(to, l->cpu.shared_cache_size, o->size[GLIBC_SHARED_CACHE_SIZE].value);
	put_64(to, l->cpu.non_temporal_threshold, o->size[GLIBC_NON_TEMPORAL_THRESHOLD].value);
	put_64(to, l->cpu.memset_non_temporal_threshold,
		o->size[GLIBC_MEMSET_NON_TEMPORAL_THRESHOLD].value);
	put_64(to, l->cpu.rep_movsb_threshold, o->size[GLIBC_REP_MOVSB_THRESHOLD].value);
	put_64(to, l->cpu.rep_stosb_threshold, o->size[GLIBC_REP_STOSB_THRESHOLD].value);
}

/* The size from which "rep movsb" is not used: up to 2.37, the size of the L2 cache on AMD's
 * processors. */
static uint64_t rep_movsb_stop(
	const struct glibc_cpu_options *o, const struct features *f, const struct caches *c)
{
	if (f->glibc < 240 && f->vendor == CPUID_AMD)
		return (uint64_t)c->level[CACHE_L2].size;
	return o->size[GLIBC_NON_TEMPORAL_THRESHOLD].value;
}

/* Sets _dl_hwcap and _dl_platform, which ld.so derives from the features. */
static void set_platform(struct glibc_cpu_options *o, const struct features *f)
{
	enum { HWCAP_X86_64 = 1 << 1, HWCAP_X86_AVX512_1 = 1 << 2 };
	const struct cpuid *leaves = features_one_copy(f) ? f->cpuid : f->active;
#define ACTIVE(name) features_word_has(leaves, F_##name)

	o->hwcap = HWCAP_X86_64;
	o->platform = NULL;
	if (f->vendor != CPUID_INTEL)
		return;
	if (features_active(f, F_AVX512CD)) {
		if (ACTIVE(AVX512ER) && ACTIVE(AVX512PF))
			o->platform = "xeon_phi";
		else if (!ACTIVE(AVX512ER) && ACTIVE(AVX512BW) && ACTIVE(AVX512DQ) &&
			 ACTIVE(AVX512VL))
			o->hwcap |= HWCAP_X86_AVX512_1;
	}
	if (!o->platform && features_active(f, F_AVX2) && features_active(f, F_FMA) &&
		ACTIVE(BMI1) && ACTIVE(BMI2) && ACTIVE(LZCNT) && ACTIVE(MOVBE) && ACTIVE(POPCNT))
		o->platform = "haswell";
#undef ACTIVE
}

const char *glibc_cpu_platform(uint64_t hwcap2, const char *hwcaps)
{
	struct glibc_cpu_options o;
	struct features f;

	features_read(&f, 236, hwcap2); /* the name is the same for every glibc */
	if (hwcaps)
		features_apply_hwcaps(&f, hwcaps);
	set_platform(&o, &f);
	return o.platform;
}

void glibc_fill_cpu(const struct glibc_build *b, void *to, struct glibc_cpu_options *o)
{
	const struct glibc_layout *l = &b->layout;
	struct features f;
	struct caches c;

	features_read(&f, l->rules.cpu, o->hwcap2);
	features_tune(&f);
	if (o->xsave)
		features_read_xsave(&f);
	if (l->cpu.level2_cache_size != GLIBC_NONE) {
		caches_read(&c, &f);
		choose_sizes(o, &f, &c);
		put_caches(to, l, &c);
		put_64(to, l->cpu.rep_movsb_stop_threshold, rep_movsb_stop(o, &f, &c));
	}
	put_sizes(to, l, o);
	put_64(to, l->cpu.cachesize_non_temporal_divisor, f.divisor);

	if (o->hwcaps)
		features_apply_hwcaps(&f, o->hwcaps);
	if (o->prefer_map_32bit_exec && f.glibc >= 238)
		features_prefer(&f, P_Prefer_MAP_32BIT_EXEC, true);
	if (f.glibc >= 234)
		features_check_xsave(&f);
	set_platform(o, &f);

	put_identity(to, l, &f);
	put_features(to, l, &f);
	put_preferred(to, l, &f);
	put_32(to, l->cpu.isa_1, f.isa);
	put_64(to, l->cpu.xsave_state_size, f.xsave_size);
	put_32(to, l->cpu.xsave_state_full_size, f.xsave_full_size);
}

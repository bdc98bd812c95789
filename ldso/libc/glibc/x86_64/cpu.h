/* cpu.h (x86_64): struct cpu_features of _rtld_global_ro, as that glibc's own ld.so fills it.
 *
 * libc's and libm's IFUNC resolvers read it, memcpy's thresholds and sysconf()'s cache sizes come
 * from it.
 */
#ifndef GLIBC_CPU_H
#define GLIBC_CPU_H

#include <stdbool.h>
#include <stdint.h>

struct glibc_build;

/* The tunables glibc.cpu.x86_* that hold a size. */
enum glibc_cpu_size {
	GLIBC_DATA_CACHE_SIZE,
	GLIBC_SHARED_CACHE_SIZE,
	GLIBC_NON_TEMPORAL_THRESHOLD,
	GLIBC_MEMSET_NON_TEMPORAL_THRESHOLD,
	GLIBC_REP_MOVSB_THRESHOLD,
	GLIBC_REP_STOSB_THRESHOLD,
	GLIBC_CPU_SIZES,
};

struct glibc_cpu_options {
	/* In. */
	uint64_t hwcap2;            /* AT_HWCAP2 */
	const char *hwcaps;         /* glibc.cpu.hwcaps; NULL: not set */
	bool prefer_map_32bit_exec; /* glibc.cpu.prefer_map_32bit_exec */
	bool xsave; /* fill xsave_state_size and _full_size as well: up to 9 leaves more, and only
		     * ld.so's own resolver and TLS descriptors read them */
	struct {
		bool set;          /* in: the user gave a value */
		uint64_t value;    /* in if set; out: what is used */
		uint64_t min, max; /* out: the bounds; both 0 if this glibc computes none */
	} size[GLIBC_CPU_SIZES];

	/* Out: what ld.so puts into _dl_hwcap, which getauxval(AT_HWCAP) returns, and the name that
	 * $PLATFORM stands for if it is not AT_PLATFORM's, else NULL. */
	uint64_t hwcap;
	const char *platform;
};

const char *glibc_cpu_size_name(enum glibc_cpu_size size);

/* options.c: takes the tunables that the user set into o; afterwards, shows what came of them. */
void glibc_cpu_take_tunables(struct glibc_cpu_options *o);
void glibc_cpu_show_tunables(const struct glibc_cpu_options *o);

/* What glibc_fill_cpu() will say the platform is, for $PLATFORM in a search before that: there the
 * libc is not known yet.  Reads several leaves. */
const char *glibc_cpu_platform(uint64_t hwcap2);

/* Fills b's struct cpu_features at to, which is all zeros. */
void glibc_fill_cpu(const struct glibc_build *b, void *to, struct glibc_cpu_options *o);

#endif

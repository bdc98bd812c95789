/* cpu.h (x86_64): struct cpu_features of _rtld_global_ro, filled as glibc's own ld.so fills it.
 *
 * It is read by libc's and libm's IFUNC resolvers, for memcpy's thresholds and by sysconf() for
 * cache sizes.
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
	bool xsave; /* also fill xsave_state_size and _full_size, which takes up to 9 more leaves;
		     * only ld.so's own resolver and TLS descriptors read them */
	struct {
		bool set;          /* in: the user gave a value */
		uint64_t value;    /* in: that, or the default; out: the value in use */
		uint64_t min, max; /* out: the bounds; both 0 if this glibc computes none */
	} size[GLIBC_CPU_SIZES];

	/* Out: ld.so's _dl_hwcap, which getauxval(AT_HWCAP) returns, and the value of $PLATFORM if
	 * it differs from AT_PLATFORM, else NULL. */
	uint64_t hwcap;
	const char *platform;
};

const char *glibc_cpu_size_name(enum glibc_cpu_size size);

/* options.c: reads the tunables that the user has set into o; updates them from o afterwards. */
void glibc_cpu_read_tunables(struct glibc_cpu_options *o);
void glibc_cpu_update_tunables(const struct glibc_cpu_options *o);

/* The platform that glibc_fill_cpu() will set, for $PLATFORM in searches before libc is loaded.
 * hwcaps: the value of glibc.cpu.hwcaps, or NULL.  Reads several leaves. */
const char *glibc_cpu_platform(uint64_t hwcap2, const char *hwcaps);

/* Fills in b's struct cpu_features at `to`, which is all zeros. */
void glibc_fill_cpu(const struct glibc_build *b, void *to, struct glibc_cpu_options *o);

#endif

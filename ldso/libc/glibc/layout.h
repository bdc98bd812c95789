/* layout.h: what a build of glibc's libc.so.6 expects of the loader's data, as tables.
 *
 * libc.so.6 reads and writes fields of structures that its own ld.so would hold: their offsets
 * differ from version to version, and within a stable branch from build to build.  The generator
 * (gen/) reads them from the debugging information of a libc6 package and writes one file of
 * layouts/ a build; nothing else knows an offset.
 */
#ifndef GLIBC_LAYOUT_H
#define GLIBC_LAYOUT_H

#include <stddef.h>
#include <stdint.h>

struct loader;
struct dso;

/* Offsets are bytes from the start of the structure. */
#define GLIBC_NONE 0xffff /* this build has no such field */

struct glibc_layout {
	/* struct rtld_global_ro: fields without their _dl_ */
	struct {
		uint16_t debug_mask, platform, platformlen, pagesize, minsigstacksize,
			initial_searchlist, clktck, fpu_control, hwcap, hwcap2, hwcap3, hwcap4,
			auxv, cpu_features, tls_static_size, tls_static_align, tls_static_surplus,
			init_all_dirs, sysinfo_dso, sysinfo_map, vdso_clock_gettime64,
			vdso_gettimeofday, vdso_time, vdso_getcpu, vdso_clock_getres_time64,
			vdso_getrandom, debug_printf, mcount, lookup_symbol_x, open, close,
			catch_error, error_free, tls_get_addr_soft, libc_freeres, find_object,
			dlfcn_hook, readonly_area, x86_feature_1, x86_feature_control, size;
	} ro;

	/* struct rtld_global */
	struct {
		uint16_t nns, load_lock, load_write_lock, load_tls_lock, load_adds, all_dirs,
			rtld_lock_recursive, rtld_unlock_recursive, make_stack_executable_hook,
			init_static_tls, wait_lookup_done, stack_flags, stack_prot_flags,
			tls_dtv_gaps, tls_max_dtv_idx, tls_dtv_slotinfo_list, tls_static_nelem,
			tls_static_size, tls_static_align, tls_static_used, initial_dtv,
			tls_generation, stack_used, stack_user, stack_cache, stack_cache_actsize,
			stack_cache_lock, nthreads, x86_feature_1, x86_feature_control, size;
	} global;

	/* struct link_namespaces: the elements of _dl_ns, at the start of rtld_global */
	struct {
		uint16_t ns_loaded, ns_nloaded, ns_main_searchlist, libc_map, size;
	} ns;

	/* struct link_map: fields without their l_ */
	struct {
		uint16_t real, ns, libname, info, phdr, entry, phnum, ldnum, searchlist, loader,
			nbuckets, gnu_bitmask_idxbits, gnu_shift, gnu_bitmask, gnu_buckets,
			gnu_chain_zero, direct_opencount, map_start, map_end, text_end, scope,
			local_scope, origin, tls_initimage, tls_initimage_size, tls_blocksize,
			tls_align, tls_firstbyte_offset, tls_offset, tls_modid, tls_dtor_count,
			relro_addr, relro_size, size;
		uint16_t contiguous_bit; /* in bits from the start */
		uint16_t info_count;     /* elements of l_info */
		uint16_t info_gnu_hash, info_versym, info_verneed, info_verdef,
			info_flags_1; /* indices into l_info of tags that are not their own */
	} map;

	/* struct pthread */
	struct {
		uint16_t list, tid, robust_prev, robust_head, specific, specific_1stblock,
			report_events, user_stack, stack_mode, joinstate, stackblock,
			stackblock_size, guardsize, rseq_area, size;
	} pthread;

	/* struct cpu_features (x86).  Before 2.33 `basic` is not at its start: `features` is then
	 * an array of {eax, ebx, ecx, edx} as cpuid gives them, `preferred` the bits of old. */
	struct {
		uint16_t basic, features, preferred, isa_1, xsave_state_size, xsave_state_full_size,
			data_cache_size, shared_cache_size, non_temporal_threshold,
			memset_non_temporal_threshold, rep_movsb_threshold,
			rep_movsb_stop_threshold, rep_stosb_threshold, level1_icache_size,
			level1_icache_linesize, level1_dcache_size, level1_dcache_assoc,
			level1_dcache_linesize, level2_cache_size, level2_cache_assoc,
			level2_cache_linesize, level3_cache_size, level3_cache_assoc,
			level3_cache_linesize, level4_cache_size, cachesize_non_temporal_divisor,
			size;
	} cpu;
};

enum glibc_tunable_type { TUNABLE_INT32, TUNABLE_UINT64, TUNABLE_SIZE, TUNABLE_STRING };

/* One tunable; its id is its index.  Defaults are those of the build's own list: ld.so sets some of
 * them at run time. */
struct glibc_tunable {
	char name[48];
	char alias[28];   /* an environment variable that sets it too; "": none */
	uint8_t type;     /* enum glibc_tunable_type */
	int64_t value;    /* default; 0 for strings */
	int64_t min, max; /* as uint64_t where the type is unsigned */
};

/* A build of libc.so.6.  The generated files put these into the section "glibc_builds", each by
 * "static GLIBC_BUILD(build) = {...}". */
struct glibc_build {
	char version[8];  /* what gnu_get_libc_version() says: "2.36" */
	char package[44]; /* "libc6 2.36-9+deb12u14 amd64" */
	unsigned char build_id[20];
	const struct glibc_layout *layout;
	const struct glibc_tunable *tunables;
	size_t ntunables;
};

#define GLIBC_BUILD(name)                                                                          \
	const struct glibc_build name __attribute__((section("glibc_builds"), used, aligned(8)))

/* The build that `libc` is: by its build-id; else by its version, if the sizes of _rtld_global and
 * _rtld_global_ro in the ld-linux file beside it and libc's _thread_db_ symbols agree with a table.
 * NULL (reported, with what to do next) if no table fits. */
const struct glibc_build *glibc_find_build(struct loader *ld, struct dso *libc);

#endif

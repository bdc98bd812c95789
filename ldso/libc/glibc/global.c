/* global.c: ld.so's two structures, as libc.so.6 expects them.
 *
 * Fields that libc.so.6 does not read stay zero.  Pointers to functions that it does not call point
 * to one that reports the call: a new build would then do something that this loader does not know.
 */
#include "libc/glibc/glibc.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "base/sys.h"
#include "dl/dl.h"
#include "libc/glibc/machine.h"
#include "object/debugger.h"
#include "object/unwind.h"
#include "symbol/symbol.h"
#include "tls/tls.h"

#define AT_HWCAP3_      29
#define AT_HWCAP4_      30
#define AT_MINSIGSTKSZ_ 51
#define MUTEX_KIND      16 /* of pthread_mutex_t: __data.__kind */
#define MUTEX_RECURSIVE 1

/* The second is written at start-up only, and read-only afterwards. */
unsigned char glibc_global[GLIBC_GLOBAL_ROOM] __attribute__((aligned(64)));
unsigned char glibc_global_ro[GLIBC_GLOBAL_RO_ROOM] __attribute__((aligned(64), section(".data.rel.ro")));
void *glibc_stack_end;
uintptr_t glibc_pointer_guard;
static char **glibc_argv;
static int glibc_secure;

EXPORT_AS(_rtld_global, glibc_global);
EXPORT_AS(_rtld_global_ro, glibc_global_ro);
EXPORT_AS(_dl_argv, glibc_argv);
EXPORT_AS(__libc_enable_secure, glibc_secure);
EXPORT_AS(__libc_stack_end, glibc_stack_end);
EXPORT_AS(__pointer_chk_guard, glibc_pointer_guard);
EXPORTED int _dl_starting_up;

uintptr_t glibc_auxv(const struct loader *ld, uintptr_t type)
{
	for (const Elf_Auxv *a = ld->config.auxv; a->a_type != AT_NULL; a++)
		if (a->a_type == type)
			return a->a_un.a_val;
	return 0;
}

/* ---- Functions that are never called ---- */

static _Noreturn void unexpected(void)
{
	print(2,
		"myld.so: libc.so.6 (glibc %s) called a function of its ld.so that is not known "
		"to be in use, from %p\n",
		glibc.build->version, __builtin_return_address(0));
	sys_exit(127);
}

static void nothing(void)
{
}

/* ---- LD_DEBUG ---- */

/* Bits of _dl_debug_mask. */
#define MASK_CALLS 2
#define MASK_TLS   (1 << 11)

/* libc.so.6 tells when it initialises and enters the program, and from 2.43 on what becomes of the
 * threads' memory. */
static void __attribute__((format(printf, 1, 2))) debug_printf(const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	diag_debug_args(&loader.diag, fmt, args);
	va_end(args);
}

static void put_debug(struct loader *ld, void *ro)
{
	const struct glibc_layout *l = glibc.layout;

	glibc_put(ro, l->ro.debug_printf, (uintptr_t)debug_printf);
	glibc_put_int(ro, l->ro.debug_mask,
		(ld->diag.debug & DEBUG_CALLS ? MASK_CALLS : 0) |
			(ld->diag.debug & DEBUG_TLS ? MASK_TLS : 0));
}

/* ---- _rtld_global_ro ---- */

static void put_functions(void *ro)
{
	const struct glibc_layout *l = glibc.layout;
	const uint16_t unused[] = {l->ro.lookup_symbol_x, l->ro.open, l->ro.close,
		l->ro.catch_error, l->ro.error_free, l->ro.readonly_area};

	for (size_t i = 0; i < COUNT(unused); i++)
		glibc_put(ro, unused[i], (uintptr_t)unexpected);
	glibc_put(ro, l->ro.mcount, (uintptr_t)nothing);
	glibc_put(ro, l->ro.libc_freeres, (uintptr_t)nothing);
	glibc_put(ro, l->ro.tls_get_addr_soft, (uintptr_t)unexpected);
	glibc_put(ro, l->ro.find_object, (uintptr_t)unwind_find_object);
	glibc_put(ro, l->ro.dlfcn_hook, (uintptr_t)glibc_hooks);
}

/* Up to 2.30 libc.so.6 itself looks for functions of the vDSO, by ld.so's lookup: the address is that
 * of *symbol in the object whose link map is returned; NULL in *symbol: there is none.  The other
 * five arguments are scope, version, type, flags and an object to leave out. */
static struct link_map *lookup_in_vdso(
	const char *name, struct link_map *map, const Elf_Sym **symbol)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	*symbol = symbol_in(&loader, loader.vdso, &w, &def) ? def.sym : NULL;
	return map;
}

static void put_vdso_lookup(struct loader *ld, void *ro)
{
	const struct glibc_layout *l = glibc.layout;

	if (!ld->vdso || l->ro.vdso_clock_gettime64 != GLIBC_NONE)
		return;
	glibc_put(ro, l->ro.sysinfo_map, (uintptr_t)ld->vdso->map);
	glibc_put(ro, l->ro.lookup_symbol_x, (uintptr_t)lookup_in_vdso);
}

void glibc_put_platform(const char *platform, uint64_t hwcap)
{
	const struct glibc_layout *l = glibc.layout;
	void *ro = glibc_global_ro;

	glibc_put(ro, l->ro.platform, (uintptr_t)platform);
	glibc_put(ro, l->ro.platformlen, platform ? strlen(platform) : 0);
	glibc_put(ro, l->ro.hwcap, hwcap);
}

static void put_vdso(struct loader *ld, void *ro)
{
	const struct glibc_layout *l = glibc.layout;

	glibc_put(ro, l->ro.sysinfo_dso, ld->config.sysinfo_ehdr);
	glibc_put(ro, l->ro.vdso_clock_gettime64,
		glibc_vdso_function(ld, MACHINE_VDSO "clock_gettime"));
	glibc_put(
		ro, l->ro.vdso_gettimeofday, glibc_vdso_function(ld, MACHINE_VDSO "gettimeofday"));
	glibc_put(ro, l->ro.vdso_time, glibc_vdso_function(ld, MACHINE_VDSO "time"));
	glibc_put(ro, l->ro.vdso_getcpu, glibc_vdso_function(ld, MACHINE_VDSO "getcpu"));
	glibc_put(ro, l->ro.vdso_clock_getres_time64,
		glibc_vdso_function(ld, MACHINE_VDSO "clock_getres"));
	glibc_put(ro, l->ro.vdso_getrandom, glibc_vdso_function(ld, MACHINE_VDSO "getrandom"));
	put_vdso_lookup(ld, ro);
}

static void put_processor(struct loader *ld, void *ro)
{
	const struct glibc_layout *l = glibc.layout;

	machine_fill(ld);
	glibc_put(ro, l->ro.hwcap2, ld->config.hwcap2);
	glibc_put(ro, l->ro.hwcap3, glibc_auxv(ld, AT_HWCAP3_));
	glibc_put(ro, l->ro.hwcap4, glibc_auxv(ld, AT_HWCAP4_));
}

static void put_process(struct loader *ld, void *ro)
{
	const struct glibc_layout *l = glibc.layout;
	uintptr_t frame = glibc_auxv(ld, AT_MINSIGSTKSZ_);

	glibc_put(ro, l->ro.pagesize, ld->config.page);
	glibc_put(ro, l->ro.minsigstacksize, frame ? frame : MACHINE_SIGNAL_FRAME);
	glibc_put_int(ro, l->ro.clktck, (int)glibc_auxv(ld, AT_CLKTCK));
	glibc_put_int(ro, l->ro.fpu_control, MACHINE_FPU_CONTROL);
	glibc_put(ro, l->ro.auxv, (uintptr_t)ld->config.auxv);
}

/* ---- _rtld_global ---- */

static void make_mutex(void *at, uint16_t offset)
{
	if (offset != GLIBC_NONE)
		glibc_put_int(at, offset + MUTEX_KIND, MUTEX_RECURSIVE);
}

/* libc.so.6 only tests whether the lists of directories exist, to find out whether a static program
 * has loaded it: since 2.34 it has not if they do; before, it has if they don't. */
static void put_directories(void *global, void *ro)
{
	static uintptr_t empty[8];

	if (glibc_is_old())
		return;
	glibc_put(ro, glibc.layout->ro.init_all_dirs, (uintptr_t)empty);
	glibc_put(global, glibc.layout->global.all_dirs, (uintptr_t)empty);
}

static void put_global(struct loader *ld, void *global)
{
	const struct glibc_layout *l = glibc.layout;
	unsigned stack = ld->program->stack_prot;

	glibc_put(global, l->global.nns, 1);
	make_mutex(global, l->global.load_lock);
	make_mutex(global, l->global.load_write_lock);
	make_mutex(global, l->global.load_tls_lock);
	/* PF_X, PF_W and PF_R have the bits of VM_R, VM_W and VM_X. */
	glibc_put_int(
		global, l->global.stack_flags, (int)(PF_R | PF_W | (stack & VM_X ? PF_X : 0)));
	glibc_put_int(global, l->global.stack_prot_flags, (int)stack);
	/* Until libpthread.so.0 sets its own. */
	glibc_put(global, l->global.rtld_lock_recursive, (uintptr_t)nothing);
	glibc_put(global, l->global.rtld_unlock_recursive, (uintptr_t)nothing);
	glibc_put(global, l->global.wait_lookup_done, (uintptr_t)nothing);
}

void glibc_count_objects(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	int n = 0;

	for (const struct dso *d = ld->first; d; d = dso_next(d))
		n += d->ns == &ld->base;
	glibc_put(glibc_global, l->ns.ns_loaded, (uintptr_t)ld->program->map);
	glibc_put_int(glibc_global, l->ns.ns_nloaded, n);
	glibc_put(glibc_global, l->global.load_adds, ld->adds);
	if (l->ns.libc_map != GLIBC_NONE && ld->base.libc)
		glibc_put(glibc_global, l->ns.libc_map, (uintptr_t)ld->base.libc->map);
}

void glibc_fill_globals(struct loader *ld)
{
	const struct config *c = &ld->config;

	glibc_argv = c->argv;
	glibc_secure = c->secure;
	glibc_stack_end = c->stack;
	put_processor(ld, glibc_global_ro);
	put_process(ld, glibc_global_ro);
	put_functions(glibc_global_ro);
	put_debug(ld, glibc_global_ro);
	put_vdso(ld, glibc_global_ro);
	put_directories(glibc_global, glibc_global_ro);
	put_global(ld, glibc_global);
}

void glibc_fill_tls_globals(struct loader *ld)
{
	const struct glibc_layout *l = glibc.layout;
	const struct tls *t = &ld->tls;
	size_t size = glibc_static_size(t->size);
	void *ro = glibc_global_ro, *global = glibc_global;

	glibc_put(ro, l->ro.tls_static_size, size);
	glibc_put(ro, l->ro.tls_static_align, t->align);
	glibc_put(ro, l->ro.tls_static_surplus, t->surplus_end - t->surplus_start);
	glibc_put(global, l->global.tls_static_size, size);
	glibc_put(global, l->global.tls_static_align, t->align);
	glibc_put(global, l->global.tls_static_used, t->surplus_start);
	glibc_put(global, l->global.tls_static_nelem, t->count);
	glibc_put(global, l->global.tls_max_dtv_idx, t->count);
}

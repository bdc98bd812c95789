/* glibc.c: unmodified glibc programs. */
#include "libc/glibc/glibc.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "dl/dl.h"
#include "init/init.h"
#include "libc/glibc/machine.h"
#include "libc/glibc/tunables.h"
#include "load/load.h"
#include "object/dynamic.h"
#include "state/auditing.h"
#include "state/libc.h"
#include "state/statistics.h"
#include "state/words.h"
#include "symbol/symbol.h"
#include "tls/tls.h"

#define LIBC       "libc.so.6"
#define SURPLUS    ((size_t)64 << 10) /* bytes of static TLS for libraries opened later */
#define EARLY_INIT "__libc_early_init"

struct glibc glibc;

/* ---- Names ---- */

static bool is_self(const char *name)
{
	return !strcmp(path_base(name), ARCH_GLIBC_LD);
}

static bool claims(const char *name)
{
	const char *base = path_base(name);

	return !strcmp(base, ARCH_GLIBC_LD) || !strcmp(base, LIBC);
}

uintptr_t glibc_function(struct loader *ld, struct dso *libc, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	w.newest = true;
	return libc && symbol_in(ld, libc, &w, &def) ? symbol_address(ld, &def) : 0;
}

/* The address of a variable of libc, which may be the program's copy; 0 if there is none. */
static uintptr_t glibc_variable(struct loader *ld, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	return symbol_in_list(ld, ld->base.global.list, ld->base.global.count, &w, &def)
		       ? symbol_address(ld, &def)
		       : 0;
}

uintptr_t glibc_own_function(struct loader *ld, struct dso *libc, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	w.newest = true;
	return libc && symbol_in(ld, libc, &w, &def) ? libc->base + def.sym->st_value : 0;
}

/* ---- Symbols ---- */

/* dl_iterate_phdr visits the namespace of its caller, so libc.so.6 must not be in between. */
static int iterate_phdr(int (*callback)(struct dl_phdr_info *, size_t, void *), void *data)
{
	return dl_iterate(callback, data, (uintptr_t)__builtin_return_address(0));
}

uintptr_t glibc_vdso_function(struct loader *ld, const char *name)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	return ld->vdso && symbol_in(ld, ld->vdso, &w, &def) ? symbol_address(ld, &def) : 0;
}

/* time() and gettimeofday(): their resolvers up to 2.36 look into the vDSO by functions of ld.so;
 * this does it in their place. */
static uintptr_t override(struct loader *ld, const char *name)
{
	if (name[0] == 'd' && !strcmp(name, "dl_iterate_phdr"))
		return (uintptr_t)iterate_phdr;
	if (name[0] == 'p' && !strcmp(name, "pthread_create"))
		return (uintptr_t)glibc_create_thread;
	if (name[0] == 't' && !strcmp(name, "time"))
		return glibc_vdso_function(ld, MACHINE_VDSO "time");
	if ((name[0] == 'g' || name[0] == '_') &&
		(!strcmp(name, "gettimeofday") || !strcmp(name, "__gettimeofday")))
		return glibc_vdso_function(ld, MACHINE_VDSO "gettimeofday");
	return 0;
}

/* ---- The start ---- */

/* Records the libc of d's namespace, and the library of threads, which is separate up to 2.33. */
static void notice_libc(struct dso *d)
{
	if (d->soname && !strcmp(d->soname, LIBC))
		d->ns->libc = d;
	else if (d->soname && !strcmp(d->soname, "libpthread.so.0"))
		d->ns->threads = d;
}

static void choose_version_rules(struct loader *ld)
{
	const struct tunable_value *sort = tunables_find("glibc.rtld.dynamic_sort");

	ld->version_rules = (struct version_rules){.by_moving = !sort || sort->number == 1,
		.closed_first = glibc.layout->rules.closed_first,
		.tells_protected = glibc.layout->rules.tells_protected,
		.audit_interface = glibc.layout->rules.audit_interface,
		.audits_whole_change = glibc.layout->rules.audits_whole_change};
}

static int choose_build(struct loader *ld, struct dso *libc)
{
	struct glibc_build *b = glibc_find_build(ld, libc);

	ld->paths = &ld->abi->paths;
	if (!b || (b->listed ? glibc_hide_newer(ld, b) : glibc_read_unlisted(ld, libc, b)) < 0)
		return -1;
	debug(ld, DEBUG_FILES, "file=%s  is %s", libc->path, b->package);
	glibc.build = b;
	glibc.layout = &b->layout;
	/* A sandbox that was written for this glibc may allow no other call. */
	if (glibc.layout->rules.fstat_empty_path)
		ld->fstat_call = FSTAT_EMPTY_PATH;
	if (tunables_init(ld, glibc.build) < 0)
		return -1;
	choose_version_rules(ld);
	return 0;
}

static struct dso *find_libc(const struct loader *ld)
{
	struct dso *d = ld->first;

	while (d && !(d->soname && !strcmp(d->soname, LIBC)))
		d = dso_next(d);
	return d;
}

/* What libc's ld-linux says, or as long as no libc is loaded, another's. */
static const struct libc_paths *find_paths(struct loader *ld)
{
	struct dso *libc = find_libc(ld);
	struct diag before = ld->diag;

	if (!libc)
		return glibc_read_paths(ld);
	if (!glibc.build && choose_build(ld, libc) < 0)
		diag_return(&ld->diag, &before);
	return ld->paths;
}

/* For --verify, which loads no library. */
static struct dso *load_libc(struct loader *ld)
{
	struct dso *p = ld->program, *libc = NULL;

	for (size_t i = 0; i < p->nneeded && !libc; i++)
		if (!strcmp(p->needed[i], LIBC))
			libc = load_object(ld, &ld->base, LIBC, p, LOAD_NEEDED);
	diag_clear(&ld->diag);
	return libc;
}

static int identify(struct loader *ld)
{
	struct dso *libc = find_libc(ld);

	if (!libc && ld->config.mode == MODE_VERIFY)
		libc = load_libc(ld);
	if (!libc || glibc.build || choose_build(ld, libc) == 0)
		return 0;
	return glibc_hand_over(ld, libc);
}

static int fill_structures(struct loader *ld)
{
	/* libc calls functions of the vDSO. */
	if (ld->vdso && dynamic_decode(ld, ld->vdso) < 0)
		return -1;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (glibc_describe(ld, d) < 0)
			return -1;
	glibc_fill_globals(ld);
	glibc_count_objects(ld);
	ld->may_dlopen = true; /* libc's own dlopen can be called in any program */
	return 0;
}

static int prepare_for_auditors(struct loader *ld, struct dso *libc)
{
	/* ld.so is known to auditors before a library needs it. */
	if (choose_build(ld, libc) < 0)
		return glibc_hand_over(ld, libc) ? -1 : 0;
	return glibc_describe(ld, ld->self) < 0 ? -1 : fill_structures(ld);
}

/* The structures are filled already: the program's libc.so.6 has to have the same ones. */
static int check_build(struct loader *ld)
{
	const struct glibc_build *build;

	if (!ld->base.libc)
		return 0;
	build = glibc_find_build(ld, ld->base.libc);
	if (!build)
		return -1;
	if (build->minor == glibc.build->minor &&
		!memcmp(&build->layout, &glibc.build->layout, sizeof build->layout))
		return 0;
	return fail(ld, "%s: another build of glibc than that of the auditors, which is %s",
		ld->base.libc->path, glibc.build->package);
}

/* A program with ld-linux as its interpreter but without libc.so.6 is a program without a libc. */
static int prepare(struct loader *ld)
{
	if (loader_is_running(ld))
		return check_build(ld);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		notice_libc(d);
	if (!ld->base.libc) {
		ld->abi = abi_default();
		return 0;
	}
	return fill_structures(ld);
}

static const struct dso *find_exec_stack(const struct loader *ld)
{
	for (const struct dso *d = ld->first; d; d = dso_next(d))
		if (d->stack_prot & VM_X && d->kind != DSO_VDSO)
			return d;
	return NULL;
}

/* Makes the stacks executable if a library requests it; the kernel has obeyed the program's own
 * request. */
static int check_stacks(struct loader *ld)
{
	const struct dso *d = find_exec_stack(ld);
	enum exec_stack rule = glibc_exec_stack();
	int e;

	if (d && rule == EXEC_STACK_NEVER)
		return glibc_fail_exec_stack(ld, d, "glibc.rtld.execstack=0 forbids it");
	if (!d && rule != EXEC_STACK_FORCED)
		return 0;
	e = glibc_make_stacks_executable(ld);
	return e < 0 ? glibc_fail_exec_stack(ld, d ? d : ld->program, errno_text(e)) : 0;
}

static int boot_glibc(struct loader *ld)
{
	/* With auditors, it holds data that is in use. */
	if (!loader_is_running(ld))
		tls_fill_image(ld, ld->tls.image);
	if (glibc_is_old())
		for (struct dso *d = ld->first; d; d = dso_next(d))
			glibc_hook_old_library(ld, d);
	return check_stacks(ld);
}

/* Calls, since 2.32, a libc.so.6's __libc_early_init(), which has to run before any constructor.
 * Its argument is true for the libc of the program's namespace. */
enum libc_role { INITIAL_LIBC, FURTHER_LIBC };

static void early_init(struct loader *ld, struct dso *libc, enum libc_role role)
{
	void (*init)(bool) = (void (*)(bool))glibc_function(ld, libc, EARLY_INIT);
	unsigned before;

	if (!init)
		return;
	before = loader_begin_foreign(ld);
	init(role == INITIAL_LIBC);
	loader_end_foreign(ld, before);
}

static void before_fork(void)
{
	loader_before_fork(&loader);
}

static void after_fork(void)
{
	loader_after_fork(&loader);
}

static void after_fork_in_child(void)
{
	glibc_forget_threads(&loader);
	glibc_create_after_fork(&loader);
	dl_after_fork_in_child(&loader);
}

static void watch_forks(struct loader *ld)
{
	typedef int register_atfork(void (*)(void), void (*)(void), void (*)(void), void *);
	register_atfork *f =
		(register_atfork *)glibc_function(ld, ld->base.libc, "__register_atfork");

	if (f)
		f(before_fork, after_fork, after_fork_in_child, NULL);
}

static int start(struct loader *ld)
{
	int r;

	glibc_find_malloc(ld);
	early_init(ld, ld->base.libc, INITIAL_LIBC);
	glibc_find_functions(ld);
	watch_forks(ld);
	loader_lock(ld);
	if (ld->auditing)
		ld->auditing->activity(ld, &ld->base, AUDIT_CONSISTENT);
	r = init_run(ld, ld->program);
	if (r == 0) {
		init_adopt(ld, ld->program);
		/* libc has set it before the constructors, and the program may change it. */
		ld->environ = (char ***)glibc_variable(ld, "__environ");
		arena_seal(&ld->permanent);
	}
	loader_unlock(ld);
	/* With the second interface libc.so.6 calls a function for it. */
	if (r == 0 && ld->auditing && glibc.layout->rules.audit_interface < 2)
		ld->auditing->preinit(ld);
	return r;
}

static void run_finis(void)
{
	init_fini_all(&loader);
	statistics_print_end(&loader);
}

static bool runs_constructors(struct loader *ld, struct dso *d)
{
	return d != ld->program;
}

/* Lists the tunables of the installed libc.so.6. */
static int list_tunables(struct loader *ld)
{
	struct dso *libc = load_object(ld, &ld->base, LIBC, ld->self, LOAD_NEEDED);

	if (!libc || choose_build(ld, libc) < 0)
		return -1;
	machine_fill(ld);
	tunables_print();
	return 0;
}

/* Tells which build a file is; 1: none that is known. */
static int tell_build(struct loader *ld, const char *file)
{
	struct dso *libc = load_object(ld, &ld->base, file, ld->self, LOAD_NEEDED);

	if (!libc)
		return -1;
	if (choose_build(ld, libc) < 0) {
		glibc_hand_over(ld, libc);
		words_print_remarks(ld);
		return 1;
	}
	print(1, "%s: glibc %s, %s %s\n", file, glibc.build->version,
		glibc.build->listed   ? "known by its build-id:"
		: glibc.build->learnt ? "its layout was learnt:"
				      : "its layout is known:",
		glibc.build->package);
	return 0;
}

static int list_builds(struct loader *ld, const char *file)
{
	const struct glibc_layout_row *layout;
	const struct glibc_row *row;

	if (file)
		return tell_build(ld, file);
	for (size_t i = 0; (layout = glibc_layout_at(i)); i++)
		print(1, "glibc 2.%u\tlayout %s\n", layout->minor, layout->name);
	for (size_t i = 0; (row = glibc_row_at(i)); i++)
		print(1, "glibc %s\t%s\t%s\n", row->version, row->build_id, row->package);
	return 0;
}

/* ---- At run time ---- */

/* ld.so's dlopen takes the link map from the program's calloc(), which may be one that counts.  So
 * malloc has its first memory, which takes system calls, before a program enters a sandbox with what it
 * has opened. */
static int before_dlopen(struct loader *ld)
{
	glibc_use_calloc(ld, glibc.layout->map.size);
	return 0;
}

static int ready(struct loader *ld, struct dso *d)
{
	glibc_describe_tls(ld, d);
	glibc_count_objects(ld);
	if (glibc_is_old())
		glibc_hook_old_library(ld, d);
	if (d->ns->libc == d && d->ns != &ld->base)
		early_init(ld, d, FURTHER_LIBC);
	return 0;
}

static int describe(struct loader *ld, struct dso *d)
{
	notice_libc(d);
	return glibc_describe(ld, d);
}

/* d may have failed to load before it was described; at start-up even before the build was
 * chosen. */
static void forget(struct loader *ld, struct dso *d)
{
	for (struct namespace *ns = &ld->base; ns; ns = ns->next) {
		if (ns->libc == d)
			ns->libc = NULL;
		if (ns->threads == d)
			ns->threads = NULL;
	}
	if (!glibc.build)
		return;
	glibc_forget(ld, d);
	glibc_count_objects(ld);
}

/* The resolvers of libc and libm depend on cpu_features only. */
static bool ifuncs_by_cpu(const struct dso *d)
{
	return d->ns->libc == d || (d->soname && !strcmp(d->soname, "libm.so.6"));
}

static const struct libc_abi abi_glibc = {
	.name = "glibc",
	.claims = claims,
	.is_self = is_self,
	.words = &words_of_ldso,
	.cache_file = "/etc/ld.so.cache",
	.preload_file = "/etc/ld.so.preload",
	.hwcaps = true,
	.find_paths = find_paths,
	.platform = machine_platform,
	.paths = {DEBIAN_PATHS},
	.match_names = true,
	.filters = true,
	.check_isa = true,
	.match_versions = true,
	.copy_warnings = true,
	.unique_symbols = true,
	.bind_lazily = true,
	.init_from_last = true,
	.fini_unfinished = true,
	.runs_preinit = true,
	.dt_init = ARCH_DT_INIT,
	.serial_callbacks = true,
	.next_by_needs = true,
	.unloads = true,
	.calls_clear_error = true,
	.program_nameless = true,
	.vdso_second = true,
	.tls_surplus = SURPLUS,
	.override = override,
	.cpu_key = machine_cpu_key,
	.processor = MACHINE_KEEPS_ANSWERS ? machine_answers : NULL,
	.recall_processor = MACHINE_KEEPS_ANSWERS ? machine_recall : NULL,
	.ifuncs_by_cpu = ifuncs_by_cpu,
	.identify = identify,
	.prepare = prepare,
	.prepare_for_auditors = prepare_for_auditors,
	.describe = describe,
	.forget = forget,
	.list_tunables = list_tunables,
	.list_builds = list_builds,
	.learn_build = MACHINE_LEARNS ? glibc_learn : NULL,
	.place_tls = glibc_place_tls,
	.make_thread = glibc_make_thread,
	.boot = boot_glibc,
	.start = start,
	.run_finis = run_finis,
	.runs_constructors = runs_constructors,
	.before_dlopen = before_dlopen,
	.ready = ready,
	.is_held = glibc_is_held,
	.need_exec_stack = glibc_need_exec_stack,
	.start_static_tls = glibc_start_static_tls,
	.publish_dtv = glibc_publish_dtv,
	.allocate = glibc_allocate,
	.release = glibc_release,
};

LIBC_ABI(abi_glibc);

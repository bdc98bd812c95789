/* main.c: the steps of a start.
 *
 *	_start         arch/MACHINE/start.S: the kernel enters here
 *	boot()         boot.c: the loader relocates itself
 *	ldso_main()    this file: one call per step; it returns the program's entry
 *	_start         jumps to the program's own entry
 *
 * A step that fails has reported why; must() prints the messages and exits with code 127.  With
 * LD_DEBUG=steps a line is printed before each step.
 */
#include "arch/entry.h"
#include "audit/audit.h"
#include "cache/cache.h"
#include "cli/cli.h"
#include "init/init.h"
#include "load/adopt.h"
#include "load/load.h"
#include "load/map.h"
#include "object/debugger.h"
#include "object/isa_note.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "object/version.h"
#include "reloc/reloc.h"
#include "search/trace.h"
#include "state/descriptors.h"
#include "state/libc.h"
#include "state/statistics.h"
#include "tls/tls.h"

/* Begins a step: its time counts for `work`. */
#define step(ld, work, ...)                                                                        \
	do {                                                                                       \
		statistics_begin(ld, work);                                                        \
		debug(ld, DEBUG_STEPS, __VA_ARGS__);                                               \
	} while (0)

static void must(const struct loader *ld, int result)
{
	if (result < 0)
		loader_die(ld);
}

/* Reads arguments, environment and auxiliary vector, and registers the stack and the loader. */
static void begin(struct loader *ld, uintptr_t *stack)
{
	loader_init(ld, stack, (uintptr_t)_start);
	step(ld, WORK_OTHER, "what the kernel mapped: the stack and the loader");
	must(ld, adopt_stack(ld, VM_R | VM_W));
	must(ld, adopt_self(ld));
}

/* Loads the libraries by the plan of an earlier start, or else by their names, breadth-first.
 * Returns whether there was a plan. */
static bool load_by_plan_or_name(struct loader *ld)
{
	int loaded = cache_load(ld);
	bool by_plan = loaded > 0;

	must(ld, loaded);
	if (!by_plan)
		loaded = load_libraries(ld);
	cli_libraries(ld, loaded);
	if (!ld->self->state->listed)
		load_order_append(ld, ld->self);
	if (ld->abi->identify && ld->abi->identify(ld) != 0)
		loader_die(ld);
	must(ld, loaded);
	return by_plan;
}

static void check_versions(struct loader *ld)
{
	bool warned;

	must(ld, version_check_all(ld, &warned));
	/* A start by a plan would not print it. */
	if (warned)
		trace_unrecordable(ld, "it prints a warning");
}

/* Loads all objects, and builds the scopes. */
static void load_all(struct loader *ld)
{
	/* A list has it there for programs without a libc as well: that is where ldd prints it. */
	bool second = ld->abi->vdso_second ||
		      (config_lists(ld->config.mode) && ld->abi->match_names),
	     by_plan;

	if (second && !ld->vdso)
		must(ld, adopt_vdso(ld));
	by_plan = load_by_plan_or_name(ld);
	if (!second)
		must(ld, adopt_vdso(ld));
	cache_loaded(ld);
	must(ld, load_check_entry(ld));
	must(ld, scope_make_global(ld));
	must(ld, scope_make(ld, ld->program));
	/* The versions of a plan's objects were checked when it was recorded. */
	if (ld->abi->match_versions && !by_plan)
		check_versions(ld);
	must(ld, isa_note_check_all(ld));
}

static void lay_out(struct loader *ld)
{
	step(ld, WORK_OTHER, "thread-local storage");
	tls_lay_out(ld);
	step(ld, WORK_OTHER, "the debugger's list");
	debugger_start(ld);
}

/* Relocates all objects except the vDSO, the loader, and a libc that relocates itself. */
static void relocate(struct loader *ld, struct reloc_work *work)
{
	const struct config *c = &ld->config;
	bool lazy = !c->bind_now && (c->bind_lazy || ld->abi->bind_lazily);

	reloc_begin(work);
	must(ld, cache_prepare(ld));
	must(ld, reloc_objects(ld, NULL, lazy ? BIND_LAZY : BIND_NOW, &ld->base.global, work) ==
				 BOUND
			 ? 0
			 : -1);
	must(ld, reloc_left(ld, work) == BOUND ? 0 : -1);
	must(ld, init_check_all(ld));
}

/* Initialises the libc.  IFUNC resolvers need a thread pointer and the plain relocations of every
 * object; COPY needs the complete data of the libraries.  audited: the first thread is there. */
static void start_libc(struct loader *ld, struct reloc_work *work, bool audited)
{
	if (ld->abi->make_thread && !audited)
		must(ld, ld->abi->make_thread(ld));
	must(ld, reloc_ifuncs(ld, work));
	must(ld, ld->abi->boot(ld));
	if (audited)
		must(ld, audit_relocated(ld));
	reloc_copies(work);
}

/* Enters a program that has no interpreter and no DT_NEEDED. */
static struct start enter_static(struct loader *ld)
{
	step(ld, WORK_OTHER, "%s is static: it starts itself", ld->program->path);
	must(ld, load_check_entry(ld));
	return (struct start){ld->program->entry, 0};
}

/* Runs the constructors and enters the program. */
static struct start enter(struct loader *ld, bool audited)
{
	step(ld, WORK_OTHER, "constructors, and entry 0x%lx", ld->program->entry);
	ld->startup_last = ld->last;
	if (audited)
		loader_unlock(ld); /* audit_start() took it */
	ld->phase = PHASE_RUNNING;
	if (ld->abi->start)
		must(ld, ld->abi->start(ld));
	return (struct start){ld->program->entry, (uintptr_t)ld->abi->run_finis};
}

struct start ldso_main(uintptr_t *stack)
{
	struct loader *ld = &loader;
	struct arena_mark before;
	struct reloc_work work;
	bool audited;

	begin(ld, stack);
	cli_answer(ld);

	step(ld, WORK_LOAD, "the program");
	cli_must_load(ld, load_program(ld));
	must(ld, descriptors_open(ld));
	cli_program(ld);
	if (dso_is_static(ld->program))
		return enter_static(ld);

	/* For auditors, which are told of all that follows, a libc, the first thread and its
	 * thread-local storage are set up before the program's libraries are loaded. */
	must(ld, audit_start(ld));
	audited = loader_is_running(ld);
	step(ld, WORK_LOAD, "libraries, breadth-first");
	load_all(ld);

	/* Beyond this point the set of objects and the libc ABI are fixed. */
	if (ld->abi->prepare)
		must(ld, ld->abi->prepare(ld));
	if (!audited)
		lay_out(ld);

	step(ld, WORK_RELOCATE, "relocation");
	before = arena_mark(&ld->scratch);
	relocate(ld, &work);
	/* Beyond this point the static TLS area is fixed except for its surplus. */
	if (!audited)
		tls_finish_layout(ld);

	/* Beyond this point code other than the loader's may run: resolvers, then the libc. */
	step(ld, WORK_RELOCATE, "libc (%s)", ld->abi->name);
	start_libc(ld, &work, audited);
	arena_release(&ld->scratch, before);
	step(ld, WORK_RELOCATE, "read-only after relocation");
	must(ld, map_protect_all(ld));
	cache_end(ld);

	/* Beyond this point there may be threads and signal handlers: the lock is needed. */
	debugger_started(ld);
	cli_ready(ld);
	return enter(ld, audited);
}

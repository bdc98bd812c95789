/* main.c: the story of a start, one call a step.
 *
 *	boot()         the loader has relocated itself (boot.c)
 *	ldso_main()    what were we given; what is mapped already; which program; what it needs;
 *	               where its TLS goes; relocation; the libc; the debugger; the constructors
 *	start.S        jumps to the program's own entry
 *
 * Only this file ends the process: a step that fails has kept its reasons, they are printed, and
 * the exit code is 127.
 */
#include "memory/kernel.h"
#include "arch/entry.h"
#include "base/mem.h"
#include "base/sys.h"
#include "cache/record.h"
#include "cache/replay.h"
#include "cli/cache_commands.h"
#include "cli/help.h"
#include "cli/show.h"
#include "init/init.h"
#include "load/load.h"
#include "load/map.h"
#include "object/debugger.h"
#include "object/dynamic.h"
#include "object/load_order.h"
#include "object/scope.h"
#include "object/version.h"
#include "reloc/reloc.h"
#include "search/search.h"
#include "state/libc.h"
#include "tls/tls.h"

#define EXIT_LOADER 127

static const struct vm_owner loader_memory = {.name = "[myld.so]"};
static const struct vm_owner stack_owner = {.name = "[stack]"};

/* The first memory of the registry, the heap and the arenas, so that a small program needs no
 * system call for it.  What is touched first stands together: each page costs a fault.  Permanent
 * memory has pages of its own, as it is made read-only. */
#define FIRST_PERMANENT ((size_t)8 << 10)

static struct {
	char writable[(size_t)16 << 10];
	char areas[48 * sizeof(struct vm_area)];
	char scratch[(size_t)16 << 10];
	char permanent[FIRST_PERMANENT + ARCH_MIN_PAGE];
} first __attribute__((aligned(16)));

extern const Elf_Ehdr own_header __asm__("__ehdr_start");

static _Noreturn void die(struct loader *ld)
{
	diag_print(&ld->diag, 2);
	sys_exit(EXIT_LOADER);
}

static void must(struct loader *ld, int result)
{
	if (result < 0)
		die(ld);
}

/* ---- Before there is a program ---- */

static void prepare_memory(struct loader *ld)
{
	struct config *c = &ld->config;
	uintptr_t permanent = (uintptr_t)first.permanent;

	permanent = (permanent + ARCH_MIN_PAGE - 1) & -(uintptr_t)ARCH_MIN_PAGE;
	vm_init(&ld->vm, &kernel_backend, NULL, first.areas, sizeof first.areas, c->page,
		ARCH_MAX_ADDR, c->page);
	arena_init(&ld->permanent, &ld->vm, &loader_memory, (void *)permanent, FIRST_PERMANENT);
	arena_init(&ld->scratch, &ld->vm, &loader_memory, first.scratch, sizeof first.scratch);
	arena_init(&ld->writable, &ld->vm, &loader_memory, first.writable, sizeof first.writable);
	heap_init(&ld->heap, &ld->writable);
	ld->diag.arena = &ld->scratch;
	ld->diag.fd = 2;
	ld->abi = abi_default();
}

static void prepare_debug(struct loader *ld)
{
	const struct config *c = &ld->config;
	char path[4096];

	if (!c->debug)
		return;
	ld->diag.debug = c->debug;
	ld->diag.pid = sys_getpid();
	if (c->debug_output) {
		int fd;

		format(path, sizeof path, "%s.%ld", c->debug_output, ld->diag.pid);
		fd = sys_create(path);
		if (fd >= 0)
			ld->diag.fd = fd;
		else
			print(2, "myld.so: LD_DEBUG_OUTPUT: %s: %s\n", path, errno_text(fd));
	}
}

/* Options that are answered without a program. */
static void answer(struct loader *ld)
{
	const struct config *c = &ld->config;

	if (c->problem) {
		print(2, "myld.so: %s%s%s (--help lists the options)\n", c->problem,
			c->problem_word ? ": " : "", c->problem_word ? c->problem_word : "");
		sys_exit(EXIT_LOADER);
	}
	switch (c->mode) {
	case MODE_HELP: help_print_help(c); sys_exit(0);
	case MODE_VERSION: help_print_version(); sys_exit(0);
	case MODE_LIST_DIAGNOSTICS:
		help_print_diagnostics(c);
		cache_print_diagnostics(ld);
		sys_exit(0);
	case MODE_DEBUG_HELP: help_print_debug_help(); sys_exit(0);
	default: break;
	}
	if (c->show_auxv)
		help_print_auxv(c);
}

/* The stack: its exact bounds are the kernel's secret until somebody asks (vm_refresh). */
static int adopt_stack(struct loader *ld, unsigned prot)
{
	struct vm_what what = {.kind = VM_STACK,
		.prot = prot,
		.flags = VM_FOREIGN | VM_ACCOUNTED,
		.owner = &stack_owner};
	uintptr_t page = ld->config.page, here = (uintptr_t)&what & -page;
	uintptr_t end = ((uintptr_t)ld->config.auxv + page) & -page;

	if (prot & VM_X) {
		int e = kernel_protect_stack(here, end - here, prot);

		if (e < 0)
			return fail(ld, "%s: PT_GNU_STACK: cannot make the stack executable: %s",
				ld->program->path, errno_text(e));
	}
	return vm_adopt(&ld->vm, here, end, &what);
}

static struct dso *new_object(struct loader *ld, enum dso_kind kind)
{
	struct dso *d = dso_new(ld, kind);

	if (!d)
		must(ld, diag_fail(&ld->diag, "no memory for the first objects"));
	return d;
}

static void adopt_self(struct loader *ld)
{
	struct dso *d = ld->self = new_object(ld, DSO_SELF);
	uintptr_t base = (uintptr_t)&own_header;
	const struct config *c = &ld->config;

	must(ld, map_adopt(ld, d, (const Elf_Phdr *)(base + own_header.e_phoff), own_header.e_phnum,
			 base, c->command ? c->execfn : "myld.so"));
	must(ld, dynamic_decode(ld, d));
	d->name = d->soname;
	d->relocated = true;
	d->state->init_state = INIT_DONE;
}

static void adopt_vdso(struct loader *ld)
{
	const Elf_Ehdr *e = (const Elf_Ehdr *)ld->config.sysinfo_ehdr;
	struct dso *d;

	if (!e || ld->vdso)
		return;
	d = ld->vdso = new_object(ld, DSO_VDSO);
	d->relocated = true;
	d->state->init_state = INIT_DONE;
	must(ld, map_adopt(ld, d, (const Elf_Phdr *)((uintptr_t)e + e->e_phoff), e->e_phnum,
			 (uintptr_t)e, "linux-vdso.so.1"));
	load_order_append(ld, d);
}

/* Ends the process with what a part of --cache has come to. */
static _Noreturn void finish(struct loader *ld, int result)
{
	must(ld, result);
	sys_exit(result);
}

/* ---- The program ---- */

/* The kernel mapped it: its headers are in memory, and AT_PHDR says where PT_PHDR came to lie. */
static void adopt_program(struct loader *ld, struct dso *d)
{
	const struct config *c = &ld->config;
	uintptr_t base = 0;

	for (size_t i = 0; i < c->phnum; i++)
		if (c->phdr[i].p_type == PT_PHDR)
			base = (uintptr_t)c->phdr - c->phdr[i].p_vaddr;
	must(ld, map_adopt(ld, d, c->phdr, c->phnum, base, c->execfn ? c->execfn : "(program)"));
	d->entry = c->entry;
}

/* The kernel mapped us: we map the program, and the vector that described us is to describe it. */
static void map_program(struct loader *ld, struct dso *d)
{
	struct config *c = &ld->config;
	struct found found;

	must(ld, search_program(ld, c->program, &found));
	if (c->mode == MODE_CACHE_BUILD || c->mode == MODE_CACHE_WHY)
		cache_resolve(ld, &found);
	must(ld, map_object(ld, &found, d));
	sys_close(found.fd);
	config_set_auxv(c, AT_PHDR, (uintptr_t)d->phdr);
	config_set_auxv(c, AT_PHNUM, d->phnum);
	config_set_auxv(c, AT_ENTRY, d->entry);
	config_set_auxv(c, AT_BASE, d->interp ? ld->self->base : 0);
	config_set_auxv(c, AT_EXECFN, (uintptr_t)d->path);
	if (d->stack_prot & VM_X)
		must(ld, adopt_stack(ld, d->stack_prot));
}

/* There is no program: the libc that one would get stands for it. */
static void list_tunables(struct loader *ld)
{
	const struct libc_abi *w = abi_of("libc.so.6");

	if (!w)
		must(ld, fail(ld, "--list-tunables: this machine has no glibc world"));
	ld->abi = w;
	must(ld, w->list_tunables(ld));
	sys_exit(0);
}

static void take_program(struct loader *ld)
{
	struct dso *d = ld->program = new_object(ld, DSO_PROGRAM);

	load_order_append(ld, d);
	if (ld->config.command)
		map_program(ld, d);
	else
		adopt_program(ld, d);
	must(ld, dynamic_decode(ld, d));
	if (d->tls.memsz)
		must(ld, tls_add(ld, d));
	if (d->interp)
		load_choose_abi(ld, d->interp);
	/* Debuggers look for the file under this name. */
	if (d->interp && !ld->config.command)
		ld->self->owner.name = ld->self->path = ld->self->map->l_name = d->interp;
	for (size_t i = 0; i < d->nneeded; i++)
		load_choose_abi(ld, d->needed[i]);
}

/* gABI, "ELF Header": e_entry is 0 in a file without an entry, such as most libraries. */
static void check_entry(struct loader *ld)
{
	const struct dso *d = ld->program;
	uintptr_t entry = d->entry - d->base;

	if (!entry || !dso_contains(d, entry, 1, PF_X))
		must(ld, fail(ld, "%s: e_entry 0x%lx: expected an address in an executable segment",
				 d->path, entry));
}

/* Without an interpreter and without needs a program relocates itself, if it has to be relocated at
 * all. */
static bool is_static(const struct dso *d)
{
	return !d->interp && !d->nneeded;
}

/* ---- Its libraries ---- */

/* By their names, breadth-first. */
static int search_libraries(struct loader *ld)
{
	const struct config *c = &ld->config;
	int r;

	load_preload(ld, search_preload(ld), "LD_PRELOAD");
	load_preload(ld, c->preload_option, "--preload");
	load_preload(ld, search_preload_file(ld), ld->abi->preload_file);
	r = load_needed(ld, ld->program);
	/* Where libc and interpreter are one, every program has it, needed or not. */
	if (ld->abi->open_libc && !ld->base.libc &&
		!load_object(ld, &ld->base, "libc.so", ld->program))
		r = -1;
	return r;
}

/* By a plan: 1; 0: they are to be searched for. */
static int load_remembered(struct loader *ld)
{
	if (ld->config.mode == MODE_CACHE_WHY)
		finish(ld, cache_why(ld));
	return ld->config.mode == MODE_CACHE_BUILD ? cache_build(ld) : replay_load(ld);
}

static void load_libraries(struct loader *ld)
{
	int r;

	if (ld->abi->vdso_second)
		adopt_vdso(ld);
	r = load_remembered(ld);
	must(ld, r);
	if (!r)
		r = search_libraries(ld);
	if (!ld->self->state->listed)
		load_order_append(ld, ld->self);
	if (ld->config.mode == MODE_LIST) {
		show_list(ld);
		sys_exit(r < 0 ? EXIT_LOADER : 0);
	}
	must(ld, r);
	adopt_vdso(ld);
	record_objects(ld);
	must(ld, scope_make_global(ld));
	must(ld, scope_make(ld, ld->program));
}

static void check_versions(struct loader *ld)
{
	int r = 0;

	if (!ld->abi->match_versions || ld->replay)
		return;
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (version_check(ld, d) < 0)
			r = -1;
	must(ld, r);
}

static void relocate(struct loader *ld, struct reloc_work *work)
{
	const struct config *c = &ld->config;
	bool lazy = !c->bind_now && (c->bind_lazy || ld->abi->bind_lazily);
	struct scope *scope = ld->replay ? NULL : &ld->base.global; /* or all is known */

	reloc_begin(work);
	must(ld, reloc_objects(ld, NULL, lazy ? BIND_LAZY : BIND_NOW, scope, work) == BOUND ? 0
											    : -1);
	record_pages(ld);
	for (struct dso *d = ld->last; d; d = d->state->prev)
		must(ld, reloc_residue(ld, d, work) == BOUND ? 0 : -1);
	for (struct dso *d = ld->first; d; d = dso_next(d))
		must(ld, init_check(ld, d));
}

static void protect_relro(struct loader *ld)
{
	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->kind != DSO_VDSO)
			must(ld, map_protect_relro(ld, d));
}

static struct start go(const struct loader *ld)
{
	return (struct start){ld->program->entry, (uintptr_t)ld->abi->run_finis};
}

struct start ldso_main(uintptr_t *stack)
{
	struct loader *ld = &loader;
	struct arena_mark before;
	struct reloc_work work;

	config_read(&ld->config, stack, (uintptr_t)_start);
	prepare_memory(ld);
	prepare_debug(ld);
	answer(ld);

	debug(ld, DEBUG_STEPS, "what the kernel mapped: the stack and the loader");
	must(ld, adopt_stack(ld, VM_R | VM_W));
	adopt_self(ld);

	if (ld->config.mode == MODE_LIST_TUNABLES)
		list_tunables(ld);
	if (ld->config.mode >= MODE_CACHE_ENABLE)
		finish(ld, cache_command(ld));
	if (ld->config.mode == MODE_CACHE_BUILD)
		cache_each_program(ld);
	debug(ld, DEBUG_STEPS, "the program");
	take_program(ld);
	if (ld->config.mode == MODE_VERIFY)
		sys_exit(0);
	if (is_static(ld->program) && ld->config.mode == MODE_LIST) {
		print(1, "\tstatically linked\n");
		sys_exit(0);
	}
	if (ld->config.mode == MODE_RUN)
		check_entry(ld);
	else if (is_static(ld->program))
		must(ld, fail(ld, "%s: not remembered: it is static", ld->program->path));
	if (is_static(ld->program)) {
		debug(ld, DEBUG_STEPS, "%s is static: it starts itself", ld->program->path);
		return (struct start){ld->program->entry, 0};
	}

	debug(ld, DEBUG_STEPS, "libraries, breadth-first");
	load_libraries(ld);
	check_versions(ld);
	if (ld->abi->prepare)
		must(ld, ld->abi->prepare(ld));
	debug(ld, DEBUG_STEPS, "thread-local storage");
	tls_lay_out(ld);
	debug(ld, DEBUG_STEPS, "the debugger's list");
	debugger_start(ld);
	debug(ld, DEBUG_STEPS, "relocation");
	must(ld, replay_prepare(ld));
	before = arena_mark(&ld->scratch);
	relocate(ld, &work);
	tls_close(ld);
	if (ld->abi->make_thread)
		must(ld, ld->abi->make_thread(ld));
	reloc_ifuncs(ld, &work);
	debug(ld, DEBUG_STEPS, "libc (world %s)", ld->abi->name);
	must(ld, ld->abi->boot(ld));
	reloc_copies(&work);
	arena_release(&ld->scratch, before);
	debug(ld, DEBUG_STEPS, "read-only after relocation");
	protect_relro(ld);
	record_end(ld);
	if (ld->config.mode == MODE_CACHE_BUILD)
		finish(ld, cache_built(ld));
	debugger_state(RT_CONSISTENT);
	show_start(ld);
	debug(ld, DEBUG_STEPS, "constructors, and entry 0x%lx", ld->program->entry);
	ld->settled = ld->last;
	ld->started = true;
	if (ld->abi->start)
		must(ld, ld->abi->start(ld));
	return go(ld);
}

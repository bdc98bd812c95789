/* musl.c: unmodified musl programs.
 *
 * In musl the libc and its dynamic linker are one file.  The loader maps it as an ordinary library
 * and runs its start code, as the kernel does, for a stub: a program built in memory that contains
 * what musl has to know.
 *
 *	the stub     PT_PHDR, PT_LOAD, PT_DYNAMIC, PT_TLS, PT_GNU_STACK
 *	.dynamic     NEEDED libc.so, tables, INIT_ARRAY: run_init, FINI_ARRAY: run_fini
 *	.dynsym      what other objects define of the symbols that libc.so refers to
 *	TLS image    the static TLS of every module, merged
 *
 * libc.so relocates itself against the stub's symbols, sets up its thread with the stub's TLS, and
 * jumps to the stub's entry, which returns to the loader.  No private symbol or offset of musl is
 * used.
 */
#include "arch/entry.h"
#include "base/mem.h"
#include "base/path.h"
#include "base/sys.h"
#include "init/init.h"
#include "libc/musl/musl_dl.h"
#include "reloc/reloc.h"
#include "search/search.h"
#include "state/libc.h"
#include "state/statistics.h"
#include "state/words.h"
#include "tls/tls.h"

#define MUSL_LD      "ld-musl-" ARCH_MUSL ".so.1"
#define MUSL_LIBC    "libc.musl-" ARCH_MUSL ".so.1"
#define LARGE_TLS    ((size_t)1 << 20)
#define STACK_WORDS  1024 /* for libc's start code, which uses about 2 kB */
#define VECTOR_WORDS 96

static bool starts_with(const char *s, const char *prefix)
{
	return !strncmp(s, prefix, strlen(prefix));
}

/* ---- Names ---- */

static bool claims(const char *name)
{
	const char *base = path_base(name);

	return starts_with(base, "ld-musl-") || starts_with(base, "libc.musl-") ||
	       !strcmp(base, "libc.so");
}

/* Whether musl's linker treats the library as itself, regardless of its version. */
static bool is_libc(const char *name)
{
	static const char names[][8] = {"c.", "pthread.", "rt.", "m.", "dl.", "util.", "xnet."};

	if (claims(name))
		return true;
	if (!starts_with(name, "lib"))
		return false;
	for (size_t i = 0; i < COUNT(names); i++)
		if (!strncmp(name + 3, names[i], strnlen(names[i], sizeof *names)))
			return true;
	return false;
}

/* Whether the loader has the name of musl's own, which is the libc as well: then the libc's file has
 * its other name, by which the programs of Alpine need it. */
static bool is_in_place_of_musl(const struct loader *ld)
{
	const char *name = ld->config.command ? ld->config.execfn : ld->program->interp;

	return name && claims(name);
}

/* Opens musl's libc: from LD_LIBRARY_PATH, then `name` if that is a path, then the program's
 * interpreter, then the standard path. */
static int open_libc(struct loader *ld, const char *name, struct dso *by, struct found *found)
{
	static const char names[][24] = {MUSL_LD, MUSL_LIBC, "libc.so"};
	const char *interp = ld->program->interp, *list = ld->config.library_path;
	const char *standard = "/lib/" MUSL_LD;
	int r = 1;

	if (is_in_place_of_musl(ld)) {
		standard = "/lib/" MUSL_LIBC;
		interp = NULL;
	}
	if (interp && (!claims(interp) || !strcmp(interp, standard)))
		interp = NULL;
	for (size_t i = 0; r > 0 && list && i < COUNT(names); i++)
		r = search_list(ld, names[i], list, &ld->permanent, found);
	if (r > 0 && strchr(name, '/'))
		r = search_open(ld, name, &ld->permanent, found);
	if (r > 0 && interp)
		r = search_open(ld, interp, &ld->permanent, found);
	if (r > 0)
		r = search_open(ld, standard, &ld->permanent, found);
	if (r <= 0)
		return r;
	return fail(ld, "%s: not found, needed by %s: no musl libc at %s%s%s", name,
		by ? by->path : ld->program->path, interp ? interp : "", interp ? " or " : "",
		standard);
}

/* ---- The stub ---- */

enum { STUB_PHDRS = 5, STUB_DYNS = 12 };

struct stub {
	size_t size;
	char *base;
	Elf_Phdr *phdr;
	Elf_Dyn *dyn;
	uintptr_t *arrays; /* DT_INIT_ARRAY's word, DT_FINI_ARRAY's word */
	Elf_Sym *sym;      /* nsyms of them; the first is the null symbol */
	uint32_t *hash;
	char *str, *image;
	size_t nsyms, str_size, image_size, image_filesz;
};

/* A symbol that libc refers to and another object defines. */
struct interposed {
	struct interposed *next;
	struct def def;
	const char *name;
};

struct interposed_list {
	struct interposed *first;
	size_t count, name_bytes;
};

static bool is_listed(const struct interposed_list *in, const char *name)
{
	for (const struct interposed *i = in->first; i; i = i->next)
		if (!strcmp(i->name, name))
			return true;
	return false;
}

/* Whether libc defines the name itself. */
enum own_definition { NOT_IN_LIBC, IN_LIBC };

/* Finds another object's definition of a name that libc refers to.  If libc defines it, too, only
 * objects before libc in the scope can interpose it. */
static bool defined_elsewhere(
	struct loader *ld, const char *name, enum own_definition own, struct def *def)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct dso *const *list = ld->base.global.list;
	size_t before = 0, after;

	while (list[before] != ld->base.libc)
		before++;
	after = own == IN_LIBC ? 0 : ld->base.global.count - before - 1;
	return (symbol_in_list(ld, list, before, &w, def) ||
		       symbol_in_list(ld, list + before + 1, after, &w, def)) &&
	       def->dso != ld->self;
}

static int interpose(
	struct loader *ld, struct interposed_list *in, const char *name, enum own_definition own)
{
	struct interposed *entry;
	struct def def;

	if (!defined_elsewhere(ld, name, own, &def) || is_listed(in, name))
		return 0;
	debug(ld, DEBUG_BINDINGS, "binding file %s [0] to %s [0]: normal symbol `%s'",
		ld->base.libc->path, def.dso->path, name);
	entry = arena_alloc(&ld->scratch, sizeof *entry);
	if (!entry)
		return fail(ld, "%s: no memory for its interposed symbols", ld->base.libc->path);
	*entry = (struct interposed){in->first, def, name};
	in->first = entry;
	in->count++;
	in->name_bytes += strlen(name) + 1;
	return 0;
}

/* Lists the interposed symbols among those that libc's own relocations refer to. */
static int interpose_references(struct loader *ld, struct interposed_list *in)
{
	const struct dso *libc = ld->base.libc;
	struct reloc_cursor c = {0};
	struct reloc r;

	while (reloc_next(libc, &c, &r)) {
		const Elf_Sym *sym = &libc->symtab.sym[r.symbol];

		if (!r.symbol || r.symbol >= libc->symtab.limit ||
			sym->st_name >= libc->symtab.str_size)
			continue;
		if (interpose(ld, in, libc->symtab.str + sym->st_name,
			    sym->st_shndx == SHN_UNDEF ? NOT_IN_LIBC : IN_LIBC) < 0)
			return -1;
	}
	/* libc looks these up by name, to know whether malloc was replaced. */
	if (interpose(ld, in, "malloc", IN_LIBC) < 0 ||
		interpose(ld, in, "aligned_alloc", IN_LIBC) < 0)
		return -1;
	return 0;
}

/* The end of the last initialised block, which may be in the surplus: the rest of the image is
 * zero. */
static size_t image_filesz(const struct loader *ld)
{
	const struct tls *t = &ld->tls;
	size_t end = ARCH_TLS_BELOW_TP ? tls_image_offset(ld, -(ptrdiff_t)t->surplus_start)
				       : tls_image_offset(ld, (ptrdiff_t)t->surplus_end);

	for (size_t i = 1; i <= t->count; i++) {
		const struct dso_tls *m = &t->modules[i].dso->tls;
		size_t e = tls_image_offset(ld, m->offset) + m->filesz;

		if (m->is_static && m->filesz && e > end)
			end = e;
	}
	return end;
}

/* Checks by a trial mapping that libc will be able to allocate a large static TLS for the first
 * thread: its own failure would be without a message. */
static int check_tls_size(struct loader *ld, size_t size)
{
	struct vm_what what = {.kind = VM_TLS, .prot = VM_R | VM_W, .owner = &ld->base.libc->owner};
	uintptr_t at;
	int e;

	if (size < LARGE_TLS)
		return 0;
	e = vm_map(&ld->vm, 0, size, &what, -1, &at);
	if (e == 0)
		e = vm_unmap(&ld->vm, at, size);
	if (e < 0)
		return fail(ld, "%s: PT_TLS of its objects: %zu bytes for a thread: %s",
			ld->program->path, size, errno_text(e));
	return 0;
}

/* Allocates the stub: headers and tables, then the initialised part of the TLS image with its
 * alignment.  It stays writable, since libraries opened later may add to the TLS image. */
static int place_stub(struct loader *ld, const struct interposed_list *in, struct stub *s)
{
	size_t align = ld->tls.align, tables;
	uintptr_t image;

	s->nsyms = 1 + in->count;
	s->str_size = sizeof "\0libc.so" + in->name_bytes;
	tables = STUB_PHDRS * sizeof(Elf_Phdr) + STUB_DYNS * sizeof(Elf_Dyn) +
		 2 * sizeof(uintptr_t) + s->nsyms * sizeof(Elf_Sym) +
		 (3 + s->nsyms) * sizeof(uint32_t) + s->str_size;
	s->image_size = tls_image_size(ld);
	s->image_filesz = image_filesz(ld);
	if (check_tls_size(ld, (s->image_size + ld->config.page) & -ld->config.page) < 0)
		return -1;
	s->size = tables + align + s->image_filesz;
	s->base = arena_alloc(&ld->writable, s->size);
	if (!s->base)
		return fail(
			ld, "%s: no memory to start it (%zu bytes)", ld->base.libc->path, s->size);
	s->phdr = (Elf_Phdr *)s->base;
	s->dyn = (Elf_Dyn *)(s->phdr + STUB_PHDRS);
	s->arrays = (uintptr_t *)(s->dyn + STUB_DYNS);
	s->sym = (Elf_Sym *)(s->arrays + 2);
	s->hash = (uint32_t *)(s->sym + s->nsyms);
	s->str = (char *)(s->hash + 3 + s->nsyms);
	/* musl makes a block's address congruent to the image's, modulo the alignment.  The layout
	 * in tls/ is congruent to 0 at the thread pointer; the image begins ARCH_TLS_GAP above that
	 * (variant I) or at a multiple of the alignment below it. */
	image = (uintptr_t)s->str + s->str_size;
	image += (ARCH_TLS_GAP - image) & (align - 1);
	s->image = (char *)image;
	return 0;
}

static void fill_symbols(struct loader *ld, const struct interposed_list *in, struct stub *s)
{
	char *str = s->str;
	uint32_t i = 1;

	memcpy(str, "\0libc.so", sizeof "\0libc.so");
	str += sizeof "\0libc.so";
	/* DT_HASH with one bucket: symbol 1, then the next, then 0. */
	s->hash[0] = 1;
	s->hash[1] = (uint32_t)s->nsyms;
	s->hash[2] = in->count ? 1 : 0;
	for (const struct interposed *e = in->first; e; e = e->next, i++) {
		size_t n = strlen(e->name) + 1;

		memcpy(str, e->name, n);
		s->sym[i].st_name = (uint32_t)(str - s->str);
		s->sym[i].st_info = ELF64_ST_INFO(STB_GLOBAL, ELF_ST_TYPE(e->def.sym->st_info));
		s->sym[i].st_shndx = 1;
		s->sym[i].st_value = symbol_address(ld, &e->def) - (uintptr_t)s->base;
		s->sym[i].st_size = e->def.sym->st_size;
		s->hash[3 + i] = e->next ? i + 1 : 0;
		str += n;
	}
}

static void run_init(void);
static void run_fini(void);

static void fill_dynamic(struct stub *s)
{
	const uintptr_t base = (uintptr_t)s->base, word = sizeof(uintptr_t);
	const struct {
		intptr_t tag;
		uintptr_t value;
	} tags[STUB_DYNS - 1] = {
		{DT_NEEDED, 1},
		{DT_STRTAB, (uintptr_t)s->str - base},
		{DT_STRSZ, s->str_size},
		{DT_SYMTAB, (uintptr_t)s->sym - base},
		{DT_SYMENT, sizeof(Elf_Sym)},
		{DT_HASH, (uintptr_t)s->hash - base},
		{DT_INIT_ARRAY, (uintptr_t)s->arrays - base},
		{DT_INIT_ARRAYSZ, word},
		{DT_FINI_ARRAY, (uintptr_t)(s->arrays + 1) - base},
		{DT_FINI_ARRAYSZ, word},
	};

	for (size_t i = 0; i < COUNT(tags); i++) {
		s->dyn[i].d_tag = tags[i].tag;
		s->dyn[i].d_un.d_val = tags[i].value;
	}
	s->arrays[0] = (uintptr_t)run_init;
	s->arrays[1] = (uintptr_t)run_fini;
}

static void fill_phdr(Elf_Phdr *p, uint32_t type, uint32_t flags, uintptr_t at, size_t filesz,
	size_t memsz, size_t align)
{
	p->p_type = type;
	p->p_flags = flags;
	p->p_offset = at;
	p->p_vaddr = p->p_paddr = at;
	p->p_filesz = filesz;
	p->p_memsz = memsz;
	p->p_align = align;
}

static void fill_phdrs(struct loader *ld, struct stub *s)
{
	const uintptr_t base = (uintptr_t)s->base;
	size_t headers = STUB_PHDRS * sizeof *s->phdr, stack = 0;

	for (struct dso *d = ld->first; d; d = dso_next(d))
		if (d->stack_size > stack)
			stack = d->stack_size;
	fill_phdr(&s->phdr[0], PT_PHDR, PF_R, 0, headers, headers, 8);
	/* Read-only: musl would use the rest of a writable segment's last page as heap. */
	fill_phdr(&s->phdr[1], PT_LOAD, PF_R, 0, s->size, s->size, ld->config.page);
	fill_phdr(&s->phdr[2], PT_DYNAMIC, PF_R, (uintptr_t)s->dyn - base,
		STUB_DYNS * sizeof *s->dyn, STUB_DYNS * sizeof *s->dyn, 8);
	fill_phdr(&s->phdr[3], PT_TLS, PF_R, (uintptr_t)s->image - base, s->image_filesz,
		s->image_size, ld->tls.align);
	/* A thread's default stack size is the largest that any object requests. */
	fill_phdr(&s->phdr[4], PT_GNU_STACK, PF_R | PF_W, 0, 0, stack, 16);
}

static int build_stub(struct loader *ld, struct stub *s)
{
	struct interposed_list in = {0};

	if (interpose_references(ld, &in) < 0 || place_stub(ld, &in, s) < 0)
		return -1;
	fill_symbols(ld, &in, s);
	fill_dynamic(s);
	fill_phdrs(ld, s);
	tls_fill_image(ld, s->image);
	ld->tls.image = s->image;
	ld->tls.image_filesz = s->image_filesz;
	return 0;
}

/* ---- Starting libc ---- */

static uintptr_t *put(uintptr_t *v, uintptr_t type, uintptr_t value)
{
	v[0] = type;
	v[1] = value;
	return v + 2;
}

/* Makes the initial stack for libc: argv[0], no environment (its own linker would obey LD_PRELOAD),
 * and the auxiliary vector with the stub as the program. */
static void fill_vector(struct loader *ld, const struct stub *s, uintptr_t *v, uintptr_t *end)
{
	const struct config *c = &ld->config;

	*v++ = 1;
	*v++ = (uintptr_t)(c->argc ? c->argv[0] : ld->program->path);
	*v++ = 0;
	*v++ = 0;
	for (const Elf_Auxv *a = c->auxv; a->a_type != AT_NULL && v + 4 < end; a++) {
		uintptr_t value = a->a_un.a_val;

		switch (a->a_type) {
		case AT_PHDR: value = (uintptr_t)s->phdr; break;
		case AT_PHNUM: value = STUB_PHDRS; break;
		case AT_PHENT: value = sizeof(Elf_Phdr); break;
		case AT_BASE: value = ld->base.libc->base; break;
		case AT_ENTRY: value = (uintptr_t)arch_boot_return; break;
		}
		v = put(v, a->a_type, value);
	}
	put(v, AT_NULL, 0);
}

/* Records whether libc has made its own RELRO read-only.  Some versions, on machines whose page
 * size varies, do not know it at that time, and give the front of that page to malloc.  The loader
 * does not change the protection in either case. */
static int adopt_relro(struct loader *ld)
{
	struct dso *libc = ld->base.libc;
	uintptr_t at = libc->relro_start;

	libc->relro_done = true;
	if (at >= libc->relro_end || sys_is_writable(at))
		return 0;
	while (at < libc->relro_end) {
		const struct vm_area *a = vm_lookup(&ld->vm, at);
		struct vm_what what;
		uintptr_t end;

		if (!a)
			break;
		end = a->end < libc->relro_end ? a->end : libc->relro_end;
		what = a->what;
		what.prot = VM_R;
		what.offset += what.kind == VM_FILE ? at - a->start : 0;
		if (vm_adopt(&ld->vm, at, end, &what) < 0)
			return fail(ld, "%s: no memory to register its RELRO", libc->path);
		at = end;
	}
	return 0;
}

static int boot_musl(struct loader *ld)
{
	uintptr_t space[STACK_WORDS + VECTOR_WORDS] __attribute__((aligned(16)));
	uintptr_t *vector = space + STACK_WORDS, environ;
	struct stub stub = {0};

	if (build_stub(ld, &stub) < 0)
		return -1;
	fill_vector(ld, &stub, vector, space + STACK_WORDS + VECTOR_WORDS);
	ld->phase = PHASE_RUNNING;
	arch_boot_libc(vector, ld->base.libc->entry);
	ld->tls.live = true;
	musl_find_functions(ld);
	environ = musl_function(ld, "__environ");
	if (environ)
		*(char ***)environ = ld->config.envp;
	return adopt_relro(ld);
}

/* ---- Constructors and destructors ---- */

/* The constructors of start-up are running. */
static bool in_constructors;

/* Runs the destructors if exit() is called within a constructor: musl may skip the stub's
 * FINI_ARRAY then.  Registered first, so that it runs after all other functions of atexit(). */
static void exit_early(void)
{
	if (in_constructors)
		init_fini_all(&loader);
}

static void run_init(void)
{
	struct loader *ld = &loader;
	int (*at_exit)(void (*)(void)) = (int (*)(void (*)(void)))musl_function(ld, "atexit");

	if (at_exit)
		at_exit(exit_early);
	if (ld->may_dlopen) {
		musl_before_dlopen(ld);
		tls_count_tasks(ld);
	}
	loader_lock(ld);
	in_constructors = true;
	if (init_run(ld, ld->program) < 0)
		loader_die(ld);
	in_constructors = false;
	arena_seal(&ld->permanent);
	loader_unlock(ld);
}

static void run_fini(void)
{
	init_fini_all(&loader);
	statistics_print_end(&loader);
}

static bool runs_constructors(struct loader *ld, struct dso *d)
{
	return d != ld->base.libc;
}

static const struct libc_abi abi_musl = {
	.name = "musl",
	.claims = claims,
	.is_libc = is_libc,
	.words = &words_of_musl,
	.paths = {"/lib:/usr/local/lib:/usr/lib", DEBIAN_LIB},
	.path_file = "/etc/ld-musl-" ARCH_MUSL ".path",
	.rpath_is_runpath = true,
	.preload_is_needed = true,
	.noload_fails = true,
	.looks_up_protected = true,
	.dt_init = ARCH_MUSL_DT_INIT,
	.opens_descriptors = true,
	.tls_surplus = 1024,
	.open_libc = open_libc,
	.fallback_symbol = musl_fallback_symbol,
	.override = musl_override,
	.boot = boot_musl,
	.runs_constructors = runs_constructors,
	.before_dlopen = musl_before_dlopen,
	.watch_thread = musl_watch_thread,
};

LIBC_ABI(abi_musl);

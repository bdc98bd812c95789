/* harness.c: see harness.h. */
#include "harness.h"
#include "state/words.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "arch/entry.h"
#include "fake_sys.h"
#include "base/mem.h"

enum { PAGE = 4096, NODES = 512 };

struct loader loader;

/* ---- What the loader's other files would define ---- */

const struct libc_abi abi_none = {.name = "fuzz",
	.words = &words_of_ldso,
	.paths = {"/in", DEBIAN_LIB},
	.match_names = true,
	.match_versions = true};
LIBC_ABI(abi_none);

/* Nothing that is fuzzed runs code of the input. */
uintptr_t arch_call_foreign(uintptr_t fn, uintptr_t a, uintptr_t b)
{
	static char somewhere[1 << 16];

	(void)fn, (void)a, (void)b;
	return (uintptr_t)somewhere;
}

void harness_ifuncs(struct reloc_work *work)
{
	for (struct deferred *e = work->ifuncs.first; e; e = e->next) {
		uintptr_t value = arch_call_foreign(e->value, 0, 0) + e->addend;

		if (e->dso->textrel)
			expect(map_unprotect_text(&loader, e->dso) == 0);
		memcpy(e->where, &value, e->size); /* it need not be aligned */
		if (e->dso->textrel)
			expect(map_protect_text(&loader, e->dso) == 0);
	}
}

#define NEVER_CALLED(name)                                                                         \
	void name(void)                                                                            \
	{                                                                                          \
		abort();                                                                           \
	}

NEVER_CALLED(arch_plt_resolver)
NEVER_CALLED(arch_tlsdesc_static)
NEVER_CALLED(arch_tlsdesc_undefined_weak)
NEVER_CALLED(arch_tlsdesc_dynamic)

unsigned arch_isa_level(void)
{
	return 2;
}

const struct libc_abi *abi_of(const char *name)
{
	(void)name;
	return NULL;
}

/* store.h's directory. */
const char *config_getenv(const struct config *c, const char *name)
{
	(void)c;
	return strcmp(name, "XDG_CACHE_HOME") ? NULL : "/store";
}

struct dso *dso_of_address(struct loader *ld, uintptr_t addr)
{
	struct dso *d = ld->first;

	while (d && (addr < d->start || addr >= d->end))
		d = d->state->next;
	return d;
}

/* There is no debugger, one thread, and no signal. */
void debugger_add(struct dso *d)
{
	(void)d;
}

void debugger_remove(struct dso *d)
{
	(void)d;
}

void loader_lock(struct loader *ld)
{
	(void)ld;
}

void loader_unlock(struct loader *ld)
{
	(void)ld;
}

bool loader_try_lock(struct loader *ld)
{
	(void)ld;
	return true;
}

bool loader_may_change(const struct loader *ld)
{
	(void)ld;
	return true;
}

bool loader_is_locked(const struct loader *ld)
{
	(void)ld;
	return true;
}

unsigned loader_begin_foreign(const struct loader *ld)
{
	(void)ld;
	return 0;
}

void loader_end_foreign(const struct loader *ld, unsigned before)
{
	(void)ld, (void)before;
}

/* ---- One input ---- */

void harness_expect(bool holds, const char *what)
{
	if (!holds) {
		fprintf(stderr, "expected: %s\n", what);
		for (const struct diag_line *l = loader.diag.first; l; l = l->next)
			fprintf(stderr, "myld.so: %s\n", l->text);
		abort();
	}
}

static struct vm_area nodes[NODES];

struct loader *harness_begin(void)
{
	struct loader *ld = &loader;

	memset(ld, 0, sizeof *ld);
	fake_reset();
	ld->config.page = PAGE;
	vm_init(&ld->vm, &fake_backend, NULL, nodes, sizeof nodes, PAGE, ARCH_MAX_ADDR, PAGE);
	ld->diag.arena = &ld->scratch;
	ld->abi = &abi_none;
	return ld;
}

void harness_end(struct loader *ld)
{
	const char *why = "";

	if (vm_check(&ld->vm, &why) < 0)
		harness_expect(false, why);
	expect(fake_open() == 0);
	arena_release(&ld->permanent, (struct arena_mark){0});
	arena_release(&ld->scratch, (struct arena_mark){0});
	arena_release(&ld->writable, (struct arena_mark){0});
	fake_reset();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct loader *ld = harness_begin();

	fake_add(INPUT, data, size);
	fuzz(ld);
	harness_end(ld);
	return 0;
}

char *harness_text(size_t *n)
{
	struct file_info info;
	int fd = sys_open(INPUT);
	char *text;

	sys_fstat(fd, &info);
	*n = info.size;
	text = calloc(1, *n + 1);
	sys_pread(fd, text, *n, 0);
	sys_close(fd);
	return text;
}

struct dso *harness_map(struct loader *ld)
{
	struct found found = {.fd = sys_open(INPUT), .path = arena_strdup(&ld->permanent, INPUT)};
	struct dso *d = dso_new(ld, DSO_LIBRARY);
	size_t mapped = fake_mapped();
	int r;

	sys_fstat(found.fd, &found.info);
	d->kind = DSO_LIBRARY;
	r = map_object(ld, &found, d);
	sys_close(found.fd);
	expect((r == 0) == (ld->diag.count == 0));
	expect(r == 0 || fake_mapped() == mapped);
	return r < 0 ? NULL : d;
}

struct dso *harness_decode(struct loader *ld)
{
	struct dso *d = harness_map(ld);
	int r = d ? dynamic_decode(ld, d) : -1;

	expect((r == 0) == (ld->diag.count == 0));
	return r < 0 ? NULL : d;
}

/* ---- Looking at it ---- */

void harness_touch(const void *at, size_t n)
{
	const volatile unsigned char *byte = at;

	for (size_t i = 0; i < n; i++)
		(void)byte[i];
}

void harness_touch_segments(const struct dso *d)
{
	for (const Elf_Phdr *p = d->phdr; p < d->phdr + d->phnum; p++) {
		const char *at = dso_at(d, p->p_vaddr);

		if (p->p_type != PT_LOAD || !p->p_memsz || !(p->p_flags & PF_R))
			continue;
		for (size_t i = 0; i < p->p_memsz && i < 16 * PAGE; i += PAGE)
			harness_touch(at + i, 1);
		harness_touch(at + p->p_memsz - 1, 1);
	}
}

void harness_touch_string(const char *s)
{
	if (s)
		harness_touch(s, strlen(s) + 1);
}

void harness_look_up(struct loader *ld, struct dso *d, struct dso *in)
{
	static const char *const others[] = {
		"", "seed_function", "seed_data", "needed_function", "absent", "_init"};
	const struct symtab *s = &d->symtab;
	size_t n = symbol_count(d);
	struct def def;

	expect(n <= s->limit || !s->limit);
	for (size_t i = 0; i < n && i < 64; i++) {
		struct wanted w;
		unsigned v = s->versym ? s->versym[i] & 0x7fff : 0;

		if (s->sym[i].st_name >= s->str_size)
			continue;
		w = symbol_wanted(s->str + s->sym[i].st_name,
			v < s->nversions && s->versions[v].name ? &s->versions[v] : NULL);
		w.newest = i & 1;
		if (symbol_in(ld, in, &w, &def))
			expect(def.dso == in && def.sym < in->symtab.sym + in->symtab.limit);
	}
	for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
		struct wanted w = symbol_wanted(others[i], NULL);

		symbol_in(ld, in, &w, &def);
	}
}

/* accesses.c (x86_64): what code tells of a layout; see evidence.h. */
#include "libc/glibc/x86_64/evidence.h"

#include "base/mem.h"
#include "libc/glibc/x86_64/code.h"
#include "symbol/symbol.h"

#define TEST_BYTE 0xf6 /* with extension 0: test r/m8, imm8 */

/* The code of a function, at addresses as in the file.  false: there is none. */
static bool find_code(
	const struct evidence *e, const struct dso *d, const char *name, struct code *c)
{
	struct wanted w = symbol_wanted(name, NULL);
	struct def def;

	w.newest = true;
	if (!symbol_in(e->ld, (struct dso *)d, &w, &def) ||
		!dso_contains(d, def.sym->st_value, def.sym->st_size, PF_R | PF_X))
		return false;
	*c = (struct code){dso_at(d, def.sym->st_value), def.sym->st_size, def.sym->st_value, 0};
	return true;
}

/* The word of libc.so.6 that is relocated to the address of a symbol; 0: there is none. */
static uintptr_t pointer_to(const struct dso *d, const char *name)
{
	const Elf_Rela *r = (const Elf_Rela *)d->rela.addr;

	for (size_t i = 0; i < d->rela.size / sizeof *r; i++) {
		size_t symbol = ELF_R_SYM(r[i].r_info);

		if (ELF_R_TYPE(r[i].r_info) == R_X86_64_GLOB_DAT && symbol < d->symtab.limit &&
			d->symtab.sym[symbol].st_name < d->symtab.str_size &&
			!strcmp(d->symtab.str + d->symtab.sym[symbol].st_name, name))
			return r[i].r_offset;
	}
	return 0;
}

/* ---- _dl_dlfcn_hook ---- */

static bool take_first(void *data, size_t where, const struct instruction *i, int32_t offset)
{
	(void)where;
	(void)i;
	*(int32_t *)data = offset;
	return false;
}

/* It is what these functions look at first. */
static void read_hook(struct evidence *e)
{
	static const char functions[][8] = {"dlclose", "dlsym", "dlopen", "dlinfo", "dladdr"};
	uintptr_t pointer = pointer_to(e->libc, "_rtld_global_ro");
	int32_t hook = -1;

	for (size_t i = 0; i < COUNT(functions); i++) {
		int32_t first = -1;
		struct code c;

		if (!pointer || !find_code(e, e->libc, functions[i], &c))
			return;
		c.pointer = pointer;
		code_each_access(&c, take_first, &first);
		if (first < 0 || (i && first != hook))
			return;
		hook = first;
	}
	e->field[ROW(ro.dlfcn_hook)] =
		(struct expectation){TOLD_OFFSET, 0, (uint64_t)hook, "code of dlclose and others"};
}

/* libc.so.6's function of this name only calls ld-linux's. */
static void read_find_object(struct evidence *e)
{
	struct code c;
	int32_t first = -1;

	if (!find_code(e, e->libc, "_dl_find_object", &c))
		return;
	c.pointer = pointer_to(e->libc, "_rtld_global_ro");
	code_each_access(&c, take_first, &first);
	if (first >= 0)
		e->field[ROW(ro.find_object)] = (struct expectation){
			TOLD_OFFSET, 0, (uint64_t)first, "code of _dl_find_object"};
}

/* ---- l_contiguous ---- */

/* ld-linux compares an address with l_map_start and l_map_end, and then tests l_contiguous. */
static void read_contiguous(struct evidence *e)
{
	struct instruction i;
	unsigned bits = 0;
	int32_t byte = 0;
	uint8_t mask = 0;
	struct code c;

	if (!find_code(e, &e->specimen->ldlinux->dso, "_dl_find_dso_for_object", &c))
		return;
	for (size_t at = 0; at < c.size && code_decode(c.bytes + at, c.size - at, &i);
		at += i.length)
		if (!i.map && i.opcode == TEST_BYTE && !(i.reg & 7) && i.memory &&
			i.base < CODE_REGISTERS) {
			byte = i.displacement;
			mask = (uint8_t)i.immediate;
			bits++;
		}
	if (bits == 1 && mask && !(mask & (mask - 1)) && byte > 0)
		e->field[ROW(map.contiguous_bit)] = (struct expectation){TOLD_OFFSET, 0,
			(uint64_t)byte * 8 + (unsigned)__builtin_ctz(mask),
			"code of _dl_find_dso_for_object"};
}

void evidence_read_code(struct evidence *e)
{
	read_hook(e);
	read_find_object(e);
	read_contiguous(e);
}

/* ---- All accesses ---- */

struct visit {
	bool (*f)(void *data, int32_t offset);
	void *data;
	bool result;
};

static bool visit_access(void *data, size_t where, const struct instruction *i, int32_t offset)
{
	struct visit *v = data;

	(void)where;
	(void)i;
	v->result = v->f(v->data, offset);
	return v->result;
}

bool evidence_each_access(
	const struct evidence *e, enum part part, bool (*f)(void *data, int32_t offset), void *data)
{
	const struct dso *d = e->libc;
	uintptr_t pointer = pointer_to(d, part == PART_RO ? "_rtld_global_ro" : "_rtld_global");
	struct visit v = {f, data, pointer != 0};

	for (const Elf_Phdr *p = dso_next_load(d, NULL); v.result && p; p = dso_next_load(d, p)) {
		struct code c = {dso_at(d, p->p_vaddr), p->p_filesz, p->p_vaddr, pointer};

		if (p->p_flags & PF_X)
			code_each_access(&c, visit_access, &v);
	}
	return v.result;
}

/* symfile.c: reads the symbols of an ELF file without loading it; see symfile.h.
 *
 * The file is read, not mapped, so that one that is truncated meanwhile causes an error, not a
 * signal.
 */
#include "libc/glibc/symfile.h"

#include "base/mem.h"
#include "base/sys.h"
#include "libc/glibc/ldlinux.h"

static bool read_at(const struct symfile *f, void *buf, size_t n, uint64_t offset)
{
	return sys_pread(f->fd, buf, n, offset) == (long)n;
}

/* The contents of a section, followed by a 0; or NULL. */
static void *read_section(struct symfile *f, const ELF_T(Shdr) * s)
{
	if (s->sh_offset > f->size || s->sh_size > f->size - s->sh_offset)
		return NULL;
	void *data = heap_alloc(f->heap, s->sh_size + 1, 0, 0);

	if (data && !read_at(f, data, s->sh_size, s->sh_offset)) {
		heap_free(f->heap, data);
		return NULL;
	}
	return data;
}

static bool read_header(const struct symfile *f, size_t i, ELF_T(Shdr) * s)
{
	return i < f->ehdr.e_shnum && read_at(f, s, sizeof *s, f->ehdr.e_shoff + i * sizeof *s);
}

/* Finds the full symbol table, or else the dynamic one: libpthread's symbols for debuggers are not
 * exported. */
static bool find_symbols(const struct symfile *f, ELF_T(Shdr) * symbols)
{
	ELF_T(Shdr) s;
	bool found = false;

	for (size_t i = 0; read_header(f, i, &s); i++)
		if (s.sh_type == SHT_SYMTAB || (s.sh_type == SHT_DYNSYM && !found)) {
			*symbols = s;
			found = true;
		}
	return found;
}

/* Reads the symbols; returns NULL, or a description of what is wrong with the file. */
static const char *read_symbols(struct symfile *f)
{
	ELF_T(Shdr) symbols, strings;
	const Elf_Ehdr *e = &f->ehdr;

	if (!read_at(f, &f->ehdr, sizeof f->ehdr, 0) || memcmp(e->e_ident, ELFMAG, SELFMAG) ||
		e->e_ident[EI_CLASS] != ELF_CLASS || e->e_ident[EI_DATA] != ARCH_DATA ||
		e->e_machine != ARCH_MACHINE)
		return "not an ELF file of this machine";
	if (e->e_shentsize != sizeof symbols || !find_symbols(f, &symbols))
		return "no symbol table";
	if (!read_header(f, symbols.sh_link, &strings))
		return "the symbol table's sh_link names no section";
	f->sym = read_section(f, &symbols);
	f->str = read_section(f, &strings);
	if (!f->sym || !f->str)
		return "its symbols can't be read";
	f->nsym = symbols.sh_size / sizeof *f->sym;
	f->str_size = strings.sh_size;
	return NULL;
}

int symfile_open(struct loader *ld, struct symfile *f, const char *path)
{
	struct file_info info;

	*f = (struct symfile){.heap = &ld->heap};
	f->fd = sys_open(path);
	if (f->fd < 0)
		return fail(ld, "%s: %s", path, errno_text(f->fd));

	int r = sys_fstat(f->fd, &info);
	f->size = info.size;
	const char *problem = r < 0 ? errno_text(r) : read_symbols(f);
	if (!problem)
		return 0;
	symfile_close(f);
	return fail(ld, "%s: %s", path, problem);
}

int symfile_open_beside(
	struct loader *ld, struct symfile *f, const struct dso *libc, const char *name)
{
	size_t folder = ldlinux_folder(libc->path), size = strlen(name) + 1;
	char *path = strchr(name, '/') ? NULL : heap_alloc(&ld->heap, folder + size, 0, 0);
	int r;

	if (!path)
		return fail(ld, "%s: not the name of a file beside %s", name, libc->path);
	memcpy(path, libc->path, folder);
	memcpy(path + folder, name, size);
	r = symfile_open(ld, f, path);
	heap_free(&ld->heap, path);
	return r;
}

int symfile_open_ldlinux(struct loader *ld, struct symfile *f, const struct dso *libc)
{
	const char *name = ldlinux_name(ld, libc);
	char system[256];

	if (!name || symfile_open_beside(ld, f, libc, name) < 0)
		return -1;
	if (!symfile_find(f, LDLINUX_MYLD))
		return 0;
	symfile_close(f);
	format(system, sizeof system, LDLINUX_SYSTEM "%s", name);
	return symfile_open_beside(ld, f, libc, system);
}

void symfile_close(struct symfile *f)
{
	heap_free(f->heap, f->sym);
	heap_free(f->heap, f->str);
	sys_close(f->fd);
}

/* Names in a full symbol table may have a version after an @. */
static bool is_name(const char *s, const char *name)
{
	size_t n = strlen(name);

	return !strncmp(s, name, n) && (s[n] == 0 || s[n] == '@');
}

const Elf_Sym *symfile_find(const struct symfile *f, const char *name)
{
	for (const Elf_Sym *s = f->sym; s < f->sym + f->nsym; s++)
		if (s->st_shndx != SHN_UNDEF && s->st_name < f->str_size &&
			is_name(f->str + s->st_name, name))
			return s;
	return NULL;
}

bool symfile_read(const struct symfile *f, uintptr_t v, void *buf, size_t n)
{
	Elf_Phdr p;

	if (f->ehdr.e_phentsize != sizeof p)
		return false;
	for (size_t i = 0; i < f->ehdr.e_phnum; i++)
		if (read_at(f, &p, sizeof p, f->ehdr.e_phoff + i * sizeof p) &&
			p.p_type == PT_LOAD && v >= p.p_vaddr && v - p.p_vaddr <= p.p_filesz &&
			n <= p.p_filesz - (v - p.p_vaddr))
			return read_at(f, buf, n, p.p_offset + (v - p.p_vaddr));
	return false;
}

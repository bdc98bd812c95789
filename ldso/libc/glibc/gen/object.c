/* object.c: an ELF object's contents and symbols. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "libc/glibc/gen/gen.h"

static Elf *open_elf(const char *path)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	Elf *elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ_MMAP, NULL);
	if (!elf || elf_kind(elf) != ELF_K_ELF)
		die("%s: cannot be read as an ELF file", path);
	return elf;
}

static void read_build_id(struct object *o)
{
	const void *id;
	ssize_t n = dwelf_elf_gnu_build_id(o->elf, &id);
	if (n <= 0 || n > MAX_BUILD_ID)
		return;
	o->build_id = id;
	o->build_id_size = (size_t)n;
}

void object_build_id(const struct object *o, char hex[2 * MAX_BUILD_ID + 1])
{
	hex[0] = 0;
	for (size_t i = 0; i < o->build_id_size; i++)
		sprintf(hex + 2 * i, "%02x", o->build_id[i]);
}

struct object object_open(const char *path, const char *debug, bool is_optional)
{
	struct object o = {.path = path, .elf = open_elf(path)};
	read_build_id(&o);
	const char *why = debug_find(&o, debug);
	if (why && !is_optional)
		die("%s: %s", path, why);
	if (why) {
		fprintf(stderr,
			"glibc-layout: %s: no debugging information: what ld-linux's says is not "
			"compared\n",
			path);
		return o;
	}
	o.dwarf = dwarf_begin_elf(o.debug_elf, DWARF_C_READ, NULL);
	if (!o.dwarf)
		die("%s: no debugging information: %s", o.debug_path, dwarf_errmsg(-1));
	return o;
}

void object_close(struct object *o)
{
	dwarf_end(o->dwarf);
	elf_end(o->debug_elf);
	elf_end(o->elf);
	free((char *)o->debug_path);
}

/* The first section of a type behind `from`, and its header in *shdr; NULL if there is none. */
static Elf_Scn *next_section(Elf *elf, Elf_Scn *from, GElf_Word type, GElf_Shdr *shdr)
{
	while ((from = elf_nextscn(elf, from)))
		if (gelf_getshdr(from, shdr) && shdr->sh_type == type)
			return from;
	return NULL;
}

GElf_Addr object_symbol(struct object *o, const char *name, GElf_Xword *size)
{
	GElf_Shdr shdr;
	GElf_Sym sym;
	Elf_Scn *scn = next_section(o->debug_elf, NULL, SHT_SYMTAB, &shdr);
	Elf_Data *data = scn ? elf_getdata(scn, NULL) : NULL;
	for (int i = 0; data && gelf_getsym(data, i, &sym); i++) {
		const char *s = elf_strptr(o->debug_elf, shdr.sh_link, sym.st_name);
		if (s && strcmp(s, name) == 0) {
			*size = sym.st_size;
			return sym.st_value;
		}
	}
	die("%s: no symbol %s", o->debug_path, name);
}

const void *object_bytes(struct object *o, GElf_Addr addr, size_t n)
{
	size_t phnum, size;
	const char *file = elf_rawfile(o->elf, &size);
	if (elf_getphdrnum(o->elf, &phnum) < 0)
		phnum = 0;
	for (size_t i = 0; i < phnum; i++) {
		GElf_Phdr ph;
		if (gelf_getphdr(o->elf, i, &ph) && ph.p_type == PT_LOAD && addr >= ph.p_vaddr &&
			addr - ph.p_vaddr <= ph.p_filesz &&
			n <= ph.p_filesz - (addr - ph.p_vaddr) && ph.p_offset <= size &&
			ph.p_filesz <= size - ph.p_offset)
			return file + ph.p_offset + (addr - ph.p_vaddr);
	}
	die("%s: no %zu bytes at address %#jx", o->path, n, (uintmax_t)addr);
}

/* The value is the addend of a RELA relocation at addr, or else the word in the file. */
GElf_Addr object_pointer(struct object *o, GElf_Addr addr)
{
	GElf_Shdr shdr;
	GElf_Rela rela;
	GElf_Addr value = 0;
	for (Elf_Scn *scn = NULL; (scn = next_section(o->elf, scn, SHT_RELA, &shdr));) {
		Elf_Data *data = elf_getdata(scn, NULL);
		for (int i = 0; data && gelf_getrela(data, i, &rela); i++)
			if (rela.r_offset == addr)
				return rela.r_addend;
	}
	size_t n = gelf_getclass(o->elf) == ELFCLASS32 ? 4 : 8;
	memcpy(&value, object_bytes(o, addr, n), n);
	return value;
}

const char *object_string(struct object *o, GElf_Addr addr)
{
	for (size_t n = 1; n < 4096; n++) {
		const char *s = object_bytes(o, addr, n);
		if (s[n - 1] == 0)
			return s;
	}
	die("%s: no string at address %#jx", o->path, (uintmax_t)addr);
}

/* elffacts FILE: what an ELF file holds, one fact a line, read by libelf rather than by the code
 * under test.  The runner checks with it that a fixture really contains what it is a test of.
 *
 *	class 64
 *	PT_TLS align 4096
 *	DT_TEXTREL
 *	reloc COPY
 *	unique shared_unique
 */
#include <fcntl.h>
#include <gelf.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name {
	GElf_Sxword value;
	const char *text;
};

/* The dynamic relocations that fixtures are about; the same word for the same thing everywhere. */
static const struct name x86_64_relocs[] = {
	{R_X86_64_64, "ABS"},
	{R_X86_64_COPY, "COPY"},
	{R_X86_64_GLOB_DAT, "GLOB_DAT"},
	{R_X86_64_JUMP_SLOT, "JUMP_SLOT"},
	{R_X86_64_RELATIVE, "RELATIVE"},
	{R_X86_64_IRELATIVE, "IRELATIVE"},
	{R_X86_64_DTPMOD64, "DTPMOD"},
	{R_X86_64_DTPOFF64, "DTPOFF"},
	{R_X86_64_TPOFF64, "TPOFF"},
	{R_X86_64_TLSDESC, "TLSDESC"},
	{0, NULL},
};

static const struct name aarch64_relocs[] = {
	{R_AARCH64_ABS64, "ABS"},
	{R_AARCH64_COPY, "COPY"},
	{R_AARCH64_GLOB_DAT, "GLOB_DAT"},
	{R_AARCH64_JUMP_SLOT, "JUMP_SLOT"},
	{R_AARCH64_RELATIVE, "RELATIVE"},
	{R_AARCH64_IRELATIVE, "IRELATIVE"},
	{R_AARCH64_TLS_DTPMOD, "DTPMOD"},
	{R_AARCH64_TLS_DTPREL, "DTPOFF"},
	{R_AARCH64_TLS_TPREL, "TPOFF"},
	{R_AARCH64_TLSDESC, "TLSDESC"},
	{0, NULL},
};

/* RISC-V has no GLOB_DAT: R_RISCV_64 serves for both. */
static const struct name riscv_relocs[] = {
	{R_RISCV_64, "ABS"},
	{R_RISCV_COPY, "COPY"},
	{R_RISCV_JUMP_SLOT, "JUMP_SLOT"},
	{R_RISCV_RELATIVE, "RELATIVE"},
	{58 /* R_RISCV_IRELATIVE */, "IRELATIVE"},
	{R_RISCV_TLS_DTPMOD64, "DTPMOD"},
	{R_RISCV_TLS_DTPREL64, "DTPOFF"},
	{R_RISCV_TLS_TPREL64, "TPOFF"},
	{0, NULL},
};

static const struct name dynamic_tags[] = {
	{DT_HASH, "DT_HASH"},
	{DT_GNU_HASH, "DT_GNU_HASH"},
	{DT_RELA, "DT_RELA"},
	{DT_REL, "DT_REL"},
	{36, "DT_RELR"},
	{DT_JMPREL, "DT_JMPREL"},
	{DT_TEXTREL, "DT_TEXTREL"},
	{DT_SYMBOLIC, "DT_SYMBOLIC"},
	{DT_BIND_NOW, "DT_BIND_NOW"},
	{DT_RPATH, "DT_RPATH"},
	{DT_RUNPATH, "DT_RUNPATH"},
	{DT_INIT, "DT_INIT"},
	{DT_PREINIT_ARRAY, "DT_PREINIT_ARRAY"},
	{DT_VERNEED, "DT_VERNEED"},
	{DT_VERDEF, "DT_VERDEF"},
	{0x70000005, "DT_AARCH64_VARIANT_PCS"},
	{0, NULL},
};

static const char *lookup(const struct name *table, GElf_Sxword value)
{
	for (; table->text; table++)
		if (table->value == value)
			return table->text;
	return NULL;
}

static const struct name *relocs_of(unsigned machine)
{
	return machine == EM_X86_64    ? x86_64_relocs
	       : machine == EM_AARCH64 ? aarch64_relocs
				       : riscv_relocs;
}

static void print_segments(Elf *elf)
{
	size_t count, i;
	GElf_Phdr phdr;

	if (elf_getphdrnum(elf, &count))
		return;
	for (i = 0; i < count; i++) {
		if (!gelf_getphdr(elf, (int)i, &phdr))
			continue;
		if (phdr.p_type == PT_LOAD || phdr.p_type == PT_TLS)
			printf("%s align %llu\n", phdr.p_type == PT_TLS ? "PT_TLS" : "PT_LOAD",
				(unsigned long long)phdr.p_align);
		else if (phdr.p_type == PT_GNU_RELRO)
			puts("PT_GNU_RELRO");
		else if (phdr.p_type == PT_INTERP)
			puts("PT_INTERP");
	}
}

static void print_dynamic(Elf_Data *data)
{
	GElf_Dyn dyn;
	const char *text;
	int i;

	for (i = 0; gelf_getdyn(data, i, &dyn) && dyn.d_tag != DT_NULL; i++) {
		text = lookup(dynamic_tags, dyn.d_tag);
		if (text)
			puts(text);
		if (dyn.d_tag == DT_FLAGS && dyn.d_un.d_val & DF_TEXTREL)
			puts("DF_TEXTREL");
		if (dyn.d_tag == DT_FLAGS && dyn.d_un.d_val & DF_SYMBOLIC)
			puts("DF_SYMBOLIC");
		if (dyn.d_tag == DT_FLAGS && dyn.d_un.d_val & DF_STATIC_TLS)
			puts("DF_STATIC_TLS");
	}
}

/* Each kind of relocation once. */
static void print_relocs(Elf_Data *data, unsigned machine, bool rela)
{
	bool seen[2048] = {false};
	GElf_Rela entry;
	GElf_Rel rel;
	const char *text;
	unsigned type;
	int i;

	for (i = 0;; i++) {
		if (rela ? !gelf_getrela(data, i, &entry) : !gelf_getrel(data, i, &rel))
			break;
		type = (unsigned)GELF_R_TYPE(rela ? entry.r_info : rel.r_info);
		text = lookup(relocs_of(machine), type);
		if (type < 2048 && !seen[type] && text)
			printf("reloc %s\n", text);
		if (type < 2048)
			seen[type] = true;
	}
}

static void print_symbols(Elf *elf, Elf_Data *data, size_t strings)
{
	GElf_Sym sym;
	int i;

	for (i = 0; gelf_getsym(data, i, &sym); i++)
		if (GELF_ST_BIND(sym.st_info) == STB_GNU_UNIQUE)
			printf("unique %s\n", elf_strptr(elf, strings, sym.st_name));
		else if (GELF_ST_TYPE(sym.st_info) == STT_GNU_IFUNC)
			printf("ifunc %s\n", elf_strptr(elf, strings, sym.st_name));
}

static void print_sections(Elf *elf, unsigned machine)
{
	Elf_Scn *section = NULL;
	Elf_Data *data;
	GElf_Shdr shdr;

	while ((section = elf_nextscn(elf, section)) != NULL) {
		if (!gelf_getshdr(section, &shdr) || shdr.sh_type == SHT_NOBITS)
			continue;
		data = elf_getdata(section, NULL);
		if (!data)
			continue;
		if (shdr.sh_type == SHT_DYNAMIC)
			print_dynamic(data);
		else if (shdr.sh_type == SHT_DYNSYM)
			print_symbols(elf, data, shdr.sh_link);
		else if (shdr.sh_type == SHT_RELA || shdr.sh_type == SHT_REL)
			print_relocs(data, machine, shdr.sh_type == SHT_RELA);
	}
}

int main(int argc, char **argv)
{
	GElf_Ehdr ehdr;
	Elf *elf;
	int fd;

	if (argc != 2 || elf_version(EV_CURRENT) == EV_NONE)
		return 2;
	fd = open(argv[1], O_RDONLY);
	elf = fd < 0 ? NULL : elf_begin(fd, ELF_C_READ, NULL);
	if (!elf || !gelf_getehdr(elf, &ehdr)) {
		fprintf(stderr, "elffacts: %s: not an ELF file\n", argv[1]);
		return 1;
	}
	printf("class %d\n", ehdr.e_ident[EI_CLASS] == ELFCLASS64 ? 64 : 32);
	print_segments(elf);
	print_sections(elf, ehdr.e_machine);
	elf_end(elf);
	return 0;
}

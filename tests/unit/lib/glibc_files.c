/* glibc_files.c: see glibc_files.h. */
#include "lib/glibc_files.h"

#include <string.h>

#include "arch.h"

void libc_image_make(struct libc_image *im)
{
	im->ehdr = (Elf_Ehdr){
		.e_ident = {0x7f, 'E', 'L', 'F', ELF_CLASS, ARCH_DATA, EV_CURRENT},
		.e_machine = ARCH_MACHINE,
		.e_phoff = offsetof(struct libc_image, phdr),
		.e_phentsize = sizeof *im->phdr,
		.e_phnum = 2,
		.e_shoff = offsetof(struct libc_image, shdr),
		.e_shentsize = sizeof *im->shdr,
		.e_shnum = 3,
	};
	im->phdr[0] = (Elf_Phdr){
		.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = sizeof *im, .p_memsz = sizeof *im};
	im->phdr[1] = (Elf_Phdr){.p_type = PT_NOTE,
		.p_flags = PF_R,
		.p_vaddr = offsetof(struct libc_image, note),
		.p_filesz = sizeof im->note,
		.p_memsz = sizeof im->note,
		.p_align = 4};
	im->shdr[1] = (ELF_T(Shdr)){.sh_type = SHT_DYNSYM,
		.sh_offset = offsetof(struct libc_image, sym),
		.sh_size = sizeof im->sym,
		.sh_link = 2};
	im->shdr[2] = (ELF_T(Shdr)){.sh_type = SHT_STRTAB,
		.sh_offset = offsetof(struct libc_image, str),
		.sh_size = sizeof im->str};
}

void libc_image_symbol(struct libc_image *im, const char *name, size_t value, size_t size)
{
	size_t i = 0, at = 1;

	for (; im->sym[i].st_name; i++)
		at = im->sym[i].st_name + strlen(im->str + im->sym[i].st_name) + 1;
	strcpy(im->str + at, name);
	im->sym[i] = (Elf_Sym){
		.st_name = (uint32_t)at, .st_shndx = 1, .st_value = value, .st_size = size};
}

void libc_image_describe(struct libc_image *im, const char *name, uint32_t size, uint32_t offset)
{
	size_t i = 0;

	while (im->sym[i].st_name)
		i++;
	im->words[i][0] = size;
	im->words[i][2] = offset;
	libc_image_symbol(im, name, (size_t)((char *)im->words[i] - (char *)im), offset ? 12 : 4);
}

void glibc_files_make(struct glibc_files *f)
{
	static const char *needed[] = {"libx.so", "ld-linux.so.2"};

	libc_image_make(&f->file);
	libc_image_make(&f->ldso);
	libc_image_make(&f->pthread);
	f->libc = (struct dso){.path = "/test/libc.so.6",
		.base = (uintptr_t)&f->file,
		.phdr = f->file.phdr,
		.phnum = 2,
		.needed = needed,
		.nneeded = 2};
	f->files[0] = fake_add("/test/libc.so.6", &f->file, sizeof f->file, 0100755);
	f->files[1] = fake_add("/test/ld-linux.so.2", &f->ldso, sizeof f->ldso, 0100755);
	f->files[2] = fake_add("/test/libpthread.so.0", &f->pthread, sizeof f->pthread, 0100755);
}

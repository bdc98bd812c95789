/* glibc_files.h: a libc.so.6, its ld-linux and its libpthread, with a few symbols each, for what reads
 * them as files (libc/glibc/layout.c).
 */
#ifndef GLIBC_FILES_H
#define GLIBC_FILES_H

#include "lib/fake_sys.h"
#include "state/loader.h"

/* A file that is mapped as it is. */
struct libc_image {
	Elf_Ehdr ehdr;
	Elf_Phdr phdr[2];
	uint32_t note[32];
	char banner[128];
	uint32_t words[12][3];
	Elf_Sym sym[12];
	char str[512];
	ELF_T(Shdr) shdr[3];
};

struct glibc_files {
	struct libc_image file, ldso, pthread;
	struct dso libc;            /* `file`, which needs "ld-linux.so.2" */
	struct fake_file *files[3]; /* the three, below /test */
};

/* Files without symbols; fake_reset() has been called. */
void glibc_files_make(struct glibc_files *f);

void libc_image_make(struct libc_image *im);
/* The next symbol; value is an offset into the image. */
void libc_image_symbol(struct libc_image *im, const char *name, size_t value, size_t size);
/* A description, as nptl_db has them, of the field at `offset`, or (offset 0) of the structure of
 * `size`. */
void libc_image_describe(struct libc_image *im, const char *name, uint32_t size, uint32_t offset);

#endif

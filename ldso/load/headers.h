/* headers.h: the headers of a file, checked before anything of it is mapped.
 *
 * Functions that return int: 0, or -1 with the reason reported.
 */
#ifndef HEADERS_H
#define HEADERS_H

#include "search/search.h"

/* A file whose headers have been read. */
struct image {
	const struct found *file;
	const unsigned char *head; /* the file's first bytes */
	size_t head_size;
	const Elf_Ehdr *ehdr;
	const Elf_Phdr *phdr; /* in `head`, or in the scratch arena */
};

/* Reads and checks the ELF header, and reads the program headers; im->file is set. */
int headers_read(struct loader *ld, struct image *im);

/* Checks d's program headers, of a file of so many bytes. */
int headers_check(struct loader *ld, struct dso *d, uint64_t file_size);

/* PT_INTERP of the program, which is mapped, must be a string that ends within its segment. */
int headers_check_interp(struct loader *ld, const struct dso *d);

/* d's program headers as they lie in memory, or a copy when no segment holds them.  NULL: no
 * memory (not reported). */
const Elf_Phdr *headers_mapped(struct loader *ld, struct dso *d, const Elf_Ehdr *e);

/* Takes what the program headers say into d, which is mapped. */
void headers_decode(struct loader *ld, struct dso *d);

#endif

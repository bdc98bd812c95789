/* headers.h: reads and checks the headers of a file, before it is mapped.
 *
 * Functions that return int: 0, or -1 with the reason reported.
 */
#ifndef HEADERS_H
#define HEADERS_H

#include "search/search.h"

/* A file whose headers have been read. */
struct image {
	const struct found *file;
	const char *name;          /* by which it was asked for, for messages */
	const unsigned char *head; /* the file's first bytes */
	size_t head_size;
	const Elf_Ehdr *ehdr;
	const Elf_Phdr *phdr; /* in `head`, or in the scratch arena */
};

/* Reads and checks the ELF header, and reads the program headers, of im->file; fills in *im. */
int headers_read(struct loader *ld, struct image *im);

/* Checks d's program headers against the size of its file in bytes. */
int headers_check(struct loader *ld, struct dso *d, uint64_t file_size);

/* Checks that PT_INTERP of d, which is mapped, is a string that ends within its segment.  Does
 * nothing for libraries, whose PT_INTERP is not used. */
int headers_check_interp(struct loader *ld, const struct dso *d);

/* The address of d's program headers in memory, or of a copy if no segment holds them.  NULL: no
 * memory (not reported). */
const Elf_Phdr *headers_mapped(struct loader *ld, struct dso *d, const Elf_Ehdr *e);

/* Fills in the fields of d, which is mapped, that come from its program headers. */
void headers_decode(struct loader *ld, struct dso *d);

#endif

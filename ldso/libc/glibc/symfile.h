/* symfile.h: the symbols of an ELF file that is looked at, not loaded. */
#ifndef GLIBC_SYMFILE_H
#define GLIBC_SYMFILE_H

#include "state/loader.h"

struct symfile {
	struct heap *heap;
	int fd;
	uint64_t size; /* of the file */
	Elf_Ehdr ehdr;
	Elf_Sym *sym; /* the heap's, as is str */
	size_t nsym;
	char *str; /* ends with a 0 */
	size_t str_size;
};

/* Opens the file that is called `name` and lies beside `beside`.  -1: reported, nothing to close.
 */
int symfile_open(struct loader *ld, struct symfile *f, const char *beside, const char *name);
void symfile_close(struct symfile *f);

/* A defined symbol, or NULL. */
const Elf_Sym *symfile_find(const struct symfile *f, const char *name);

/* n bytes of what lies at address v when the file is loaded; false: it has none there. */
bool symfile_read(const struct symfile *f, uintptr_t v, void *buf, size_t n);

#endif

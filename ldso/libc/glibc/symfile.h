/* symfile.h: reads the symbols of an ELF file without loading it. */
#ifndef GLIBC_SYMFILE_H
#define GLIBC_SYMFILE_H

#include "state/loader.h"

struct symfile {
	struct heap *heap;
	int fd;
	uint64_t size; /* of the file */
	Elf_Ehdr ehdr;
	Elf_Sym *sym; /* in the heap, like str */
	size_t nsym;
	char *str; /* ends with a 0 */
	size_t str_size;
};

/* Opens a file.  Returns 0, or -1 (reported) with nothing to close. */
int symfile_open(struct loader *ld, struct symfile *f, const char *path);
void symfile_close(struct symfile *f);

/* The same of the file with this name in the folder of libc's glibc (ldlinux.h). */
int symfile_open_beside(
	struct loader *ld, struct symfile *f, const struct dso *libc, const char *name);

/* The same of the ld-linux that libc needs.  Where a myld.so has taken its
 * place, it is the file that has its name with "system-" before it (docs/package/README.md). */
int symfile_open_ldlinux(struct loader *ld, struct symfile *f, const struct dso *libc);

/* The defined symbol with this name, or NULL. */
const Elf_Sym *symfile_find(const struct symfile *f, const char *name);

/* Reads the n bytes that a loaded file would have at address v into buf; false if the file does not
 * contain them. */
bool symfile_read(const struct symfile *f, uintptr_t v, void *buf, size_t n);

#endif

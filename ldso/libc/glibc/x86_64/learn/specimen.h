/* specimen.h: a process of an ld-linux, stopped where it ends, whose memory can be read.
 *
 * The ld-linux runs its libc.so.6, which is a program that prints its banner and exits.  What the two
 * ask of the kernel, what the kernel knows of the process, and the files that are mapped tell where
 * ld-linux keeps what.  The process has no environment, no open file and 10 seconds.
 */
#ifndef GLIBC_SPECIMEN_H
#define GLIBC_SPECIMEN_H

#include "libc/glibc/ldlinux.h"
#include "state/loader.h"

enum { SPECIMEN_MAPS = 8, SPECIMEN_MAP_SIZE = 2048 };

/* An object of the process. */
struct specimen_map {
	uintptr_t at; /* its struct link_map */
	struct link_map head;
	unsigned char bytes[SPECIMEN_MAP_SIZE]; /* from `at` on; zero behind what is mapped */
	struct dso dso; /* what its headers and its dynamic section say; base as in the process */
	bool is_vdso, is_program; /* the program is libc.so.6 */
};

struct specimen {
	long pid;
	int memory; /* a descriptor of the process' memory */
	const struct ldlinux *ldlinux;
	uintptr_t base;                      /* of ld-linux */
	uintptr_t page, vdso, clktck, frame; /* of the auxiliary vector; 0: not there */
	uintptr_t hwcap2, rseq_features;
	uintptr_t thread_pointer; /* by arch_prctl(2) */
	uintptr_t tid;            /* the argument of set_tid_address(2) */
	uintptr_t robust;         /* of set_robust_list(2) */
	uintptr_t rseq;           /* of rseq(2), and its size; 0: not called */
	size_t rseq_size;
	bool fstat_by_path; /* files were asked for by newfstatat(2) without a name */
	uintptr_t random;   /* AT_RANDOM, and whether getrandom(2) wrote there */
	bool renews_random;
	struct specimen_map *maps;
	size_t nmaps;
};

/* Runs the ld-linux with the libc of the directory.  Returns 0 with a process that specimen_end() has
 * to end, or -1 (reported).  Memory is the scratch arena's. */
int specimen_start(
	struct loader *ld, struct specimen *s, const struct ldlinux *f, const struct dso *libc);
void specimen_end(struct specimen *s);

/* Reads n bytes of its memory; false if they are not mapped. */
bool specimen_read(const struct specimen *s, uintptr_t at, void *to, size_t n);
/* The word at an address, or 0. */
uintptr_t specimen_word(const struct specimen *s, uintptr_t at);

/* The address of a symbol of ld-linux in the process, and its size unless that is NULL; 0: none. */
uintptr_t specimen_symbol(
	struct loader *ld, const struct specimen *s, const char *name, size_t *size);

#endif

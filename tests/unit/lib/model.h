/* model.h: an address space as a plain page table: the registry's backend and its oracle.
 *
 * A window of pages, each with its own record; areas are what lies between two pages that cannot
 * merge.  The model knows what the kernel knows and the registry does not (which pages were written
 * to, hence anon_vmas) and prints itself as /proc/self/maps does.  The window is real memory, so
 * that a pool which the registry maps there can be used.
 */
#ifndef MODEL_H
#define MODEL_H

#include "vm/area.h"
#include "vm/maps.h"

enum { MODEL_PAGE = 4096, MODEL_FILES = 6 };

struct model_page {
	bool mapped, shared, noreserve, accounted, stack;
	bool first; /* an area of the kernel's begins here */
	bool stale; /* the process changed it behind the registry's back */
	unsigned prot;
	unsigned anon;    /* anon_vma: 0 for none yet */
	int fd;           /* -1: anonymous; open files are told apart by fd */
	const char *name; /* "[vdso]" and the like: never merges; or NULL */
	uint64_t offset;
	enum vm_kind kind; /* what the test told the registry: kind and owner */
	const struct vm_owner *owner;
};

struct model {
	uintptr_t base;
	size_t npages;
	struct model_page *pages;
	uintptr_t heap, brk; /* the brk heap's range */
	uint64_t random;     /* state of the generator */
	int fail_in;         /* the n-th call from now fails; 0: none does */
	unsigned anons;      /* the last anon_vma given out */
	char *text;          /* of the list that is being read */
	size_t text_len, text_pos;
};

extern const struct vm_backend model_backend;

void model_init(struct model *m, size_t npages, uint64_t seed);
void model_free(struct model *m);

/* A random number below n. */
size_t model_random(struct model *m, size_t n);

static inline struct model_page *model_at(const struct model *m, uintptr_t addr)
{
	return &m->pages[(addr - m->base) / MODEL_PAGE];
}

/* The system calls; they are also what model_backend calls. */
int model_map(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
	uint64_t offset, uintptr_t *out);
int model_unmap(void *ctx, uintptr_t at, size_t len);
int model_protect(void *ctx, uintptr_t at, size_t len, unsigned prot);

/* What the kernel does at exec: a special or a stack mapping with a name. */
void model_special(struct model *m, uintptr_t at, size_t len, unsigned prot, const char *name);

/* Grows the stack, whose lowest page is `from`, down to `to`. */
void model_grow(struct model *m, uintptr_t to, uintptr_t from);

/* Moves the end of the heap; the caller has seen to it that there is room. */
void model_brk(struct model *m, uintptr_t brk);

/* Writes to a page: its area gets an anon_vma, a neighbour's if they are alike enough. */
void model_touch(struct model *m, uintptr_t at);

/* File fd's numbers in the list.  Some fds are the same file, opened again. */
uint64_t model_dev(int fd);
uint64_t model_ino(int fd);

/* /proc/self/maps as it is at the first read; the source returns it in pieces of random size. */
struct vm_source model_print(struct model *m);

#endif

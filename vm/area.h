/* area.h: the registry of the mapped address space.
 *
 * A struct vm holds one struct vm_area for each stretch of mapped memory whose pages are alike
 * (same protection, same backing, same owner), as Linux's mm holds VMAs.  Three views of the same
 * set: a list sorted by address for walking, a red-black tree augmented with each subtree's largest
 * free gap for finding and for placement, and a last-hit cache before the tree.  While many
 * addresses are looked up and nothing changes, a table is asked instead of the tree.  vm_check()
 * tells whether all agree.
 *
 * Every mapping call of the loader goes through vm_map, vm_unmap and vm_protect: they call the
 * backend (the kernel, or a page-table model in the tests) and record what it did.  All addresses
 * and lengths are bytes; start is inclusive, end exclusive, both multiples of the page size.  Calls
 * that can fail return 0 (or an address) or a negative errno; after an error, the registry and the
 * address space are unchanged.  The registry takes no lock: the caller holds its own.
 */
#ifndef VM_AREA_H
#define VM_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/rbtree.h"

/* What an area belongs to.  The loader embeds one in each struct dso; two areas have the same owner
 * if their pointers are equal.  The name is for output and must outlive the areas; the object is
 * for callers that look areas up, and may be NULL. */
struct vm_owner {
	const char *name;
	void *object;
};

enum vm_kind {
	VM_FILE,     /* private mapping of a file: dev, ino and offset are valid */
	VM_ANON,     /* zero pages: .bss, arenas */
	VM_TLS,      /* zero pages that hold thread-local storage */
	VM_STACK,    /* the process' stack: the kernel grows it down */
	VM_HEAP,     /* the brk heap */
	VM_VDSO,     /* the kernel's code page(s) */
	VM_VVAR,     /* the kernel's data pages for the vDSO */
	VM_GUARD,    /* PROT_NONE for good */
	VM_RESERVED, /* PROT_NONE, to be committed later with vm_map(VM_FIXED) */
};

/* Protection bits are the kernel's PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
enum { VM_R = 1, VM_W = 2, VM_X = 4 };

enum vm_flag {
	VM_FIXED = 1,       /* map exactly at the address, replacing what is there */
	VM_SHARED = 2,      /* MAP_SHARED: a mapping of the program's own, found by vm_refresh() */
	VM_ACCOUNTED = 4,   /* private, and writable now or earlier (the kernel's VM_ACCOUNT): kept
			       apart from areas that never were, even when both are read-only.
			       Set by the registry; vm_adopt()'s caller sets it for RELRO */
	VM_FOREIGN = 8,     /* made by the kernel at exec or by the process, not by the loader */
	VM_NORESERVE = 16,  /* MAP_NORESERVE: not counted against the commit limit */
	VM_VACANT = 32,     /* map exactly at the address if nothing is there, else -EEXIST */
	VM_POPULATE = 64,   /* MAP_POPULATE: fault in all pages at once */
	VM_INHERITED = 128, /* private, and mapped before this process was forked: the kernel does
			       not merge later mappings with it.  Set by vm_forked() */
};

/* What an area is, apart from where it is. */
struct vm_what {
	enum vm_kind kind;
	unsigned prot;  /* VM_R | VM_W | VM_X */
	unsigned flags; /* enum vm_flag; VM_FIXED, VM_VACANT, VM_POPULATE are never stored */
	unsigned apart; /* set by the registry only, see vm_joins(); callers pass 0 */
	const struct vm_owner *owner; /* NULL: not the loader's */
	uint64_t offset;              /* VM_FILE: of the first byte, a multiple of the page size */
	uint64_t dev, ino;            /* VM_FILE: as in struct stat; 0,0: not known yet */
};

struct vm_area {
	struct rb_node rb;
	struct vm_area *prev, *next; /* by address */
	uintptr_t start, end;
	uintptr_t gap;     /* free bytes between prev's end (or vm.low) and start */
	uintptr_t max_gap; /* the largest gap in the subtree of this node */
	struct vm_what what;
};

/* How the registry reaches the address space.  Each returns a negative errno on failure. */
struct vm_backend {
	/* As mmap(2): at == 0 without VM_FIXED lets the backend choose; fd < 0 is anonymous memory.
	 * With VM_VACANT, too, it may choose another address if `at` is taken: the caller compares.
	 * Returns the address in *out. */
	int (*map)(void *ctx, uintptr_t at, size_t len, unsigned prot, unsigned flags, int fd,
		uint64_t offset, uintptr_t *out);
	int (*unmap)(void *ctx, uintptr_t at, size_t len);
	int (*protect)(void *ctx, uintptr_t at, size_t len, unsigned prot);
};

/* The areas in an array, by vm_make_table(). */
struct vm_table_slot {
	uintptr_t end;
	struct vm_area *area;
};

struct vm_table {
	bool valid;       /* no area has changed since the table was made */
	size_t questions; /* cache misses since the last change */
	size_t room;      /* elements of each array */
	uintptr_t *starts;
	struct vm_table_slot *slots;
};

struct vm {
	struct rb_root tree;
	struct vm_area *first, *last; /* the list's ends */
	struct vm_area *cache;        /* the area of the last successful vm_find, or NULL */
	uintptr_t cache_start;        /* its bounds; */
	size_t cache_size;            /* 0 while cache is NULL */
	struct vm_table table;        /* replaces the tree while it is valid */
	size_t count;                 /* areas */
	unsigned long hits, misses;   /* of the cache */
	uintptr_t low, high;          /* the range that gaps are searched in */
	size_t page;
	struct vm_area *free;  /* nodes given back, linked by next */
	struct vm_area *fresh; /* an array of nfresh nodes that were never used or touched */
	size_t nfresh, nfree;  /* nfree: all unused nodes, given back and fresh */
	unsigned apart;        /* the last number assigned to a vm_what.apart */
	const struct vm_backend *backend;
	void *ctx;
};

/* Initialises an empty registry.  pool is memory for the first nodes (bytes long, used for the
 * registry's lifetime); when it runs low the registry maps more through the backend and records
 * that mapping too.  ctx is passed to the backend.  low and high bound the gap search; page is the
 * page size. */
void vm_init(struct vm *vm, const struct vm_backend *backend, void *ctx, void *pool, size_t bytes,
	uintptr_t low, uintptr_t high, size_t page);

/* Records what is mapped already (by the kernel at exec), without a system call.  It replaces what
 * was recorded in [start, end). */
int vm_adopt(struct vm *vm, uintptr_t start, uintptr_t end, const struct vm_what *what);

/* Records that the kernel shows the areas that meet at `at` in two lines although they look alike:
 * one was moved there (mremap(2)), and its pages are still numbered by their former address. */
void vm_keep_apart(struct vm *vm, uintptr_t at);

/* Maps len bytes (rounded up to pages) and records them.  With VM_FIXED at `at`, replacing what is
 * there, which may cut older areas; with VM_VACANT at `at`, or -EEXIST; without either, `at` is a
 * hint.  fd is used for VM_FILE only, and not closed.  Sets *out (may be NULL) to the address. */
int vm_map(struct vm *vm, uintptr_t at, size_t len, const struct vm_what *what, int fd,
	uintptr_t *out);

/* Reserves address space: PROT_NONE pages of kind VM_RESERVED, to be committed by vm_map(VM_FIXED)
 * or vm_protect.  align is a power of two, at least the page size.  `at` is a hint or, with
 * VM_FIXED in flags, the only acceptable address: -EEXIST if anything is mapped there.  Sets *out
 * (may be NULL) to the address. */
int vm_reserve(struct vm *vm, uintptr_t at, size_t len, size_t align, unsigned flags,
	const struct vm_owner *owner, uintptr_t *out);

/* Unmaps [at, at + len) and removes it from the registry; parts that are not mapped are skipped, as
 * munmap does. */
int vm_unmap(struct vm *vm, uintptr_t at, size_t len);

/* Clears the owner of the areas within [at, at + len), for an owner that is freed although its
 * areas could not be unmapped. */
void vm_disown(struct vm *vm, uintptr_t at, size_t len);

/* Changes the protection of [at, at + len): splits at the ends, merges with neighbours that have
 * become alike.  -ENOMEM if a page of the range is not mapped, as mprotect, but then nothing has
 * changed.  A VM_RESERVED or VM_GUARD area that becomes accessible turns into VM_ANON. */
int vm_protect(struct vm *vm, uintptr_t at, size_t len, unsigned prot);

/* The area that contains addr, or NULL.  Asks the cache first and counts hits and misses. */
struct vm_area *vm_find(struct vm *vm, uintptr_t addr);

/* vm_table_due(): whether there were so many lookups since the last change that a table pays off.
 * vm_make_table() makes one, if need be in more memory that alloc(ctx, bytes) returns, aligned for
 * any type, or NULL; the registry keeps that for good.  A failure (a negative errno) needs no
 * handling: lookups go on without a table. */
bool vm_table_due(const struct vm *vm);
int vm_make_table(struct vm *vm, void *(*alloc)(void *ctx, size_t bytes), void *ctx);

/* vm_find() without the cache and without writing to the registry. */
struct vm_area *vm_lookup(const struct vm *vm, uintptr_t addr);

/* The first area that ends above addr, or NULL; following ->next from there walks a range. */
struct vm_area *vm_first_above(const struct vm *vm, uintptr_t addr);

/* Whether the kernel would show b, which follows a, in the same line of /proc/self/maps; see
 * journal.c for its rules and for what the registry cannot know. */
bool vm_joins(const struct vm_area *a, const struct vm_area *b);

/* The address of the lowest (VM_BOTTOM_UP) or the highest (VM_TOP_DOWN) free range of len bytes
 * within [low, high) that is aligned to align (a power of two); 0 when there is none. */
enum vm_direction { VM_BOTTOM_UP, VM_TOP_DOWN };
uintptr_t vm_find_gap(const struct vm *vm, size_t len, size_t align, uintptr_t low, uintptr_t high,
	enum vm_direction direction);

/* Marks all private areas VM_INHERITED: to be called in a forked child. */
void vm_forked(struct vm *vm);

/* 0 if list, tree, gaps, cache and table agree and no two neighbours should have been merged;
 * otherwise -1, and *why (may be NULL) is a description of the first inconsistency, else NULL. */
int vm_check(const struct vm *vm, const char **why);

#endif

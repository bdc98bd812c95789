/* area.h: the registry of the mapped address space.
 *
 * A struct vm holds one struct vm_area for each stretch of mapped memory whose pages are alike
 * (same protection, same backing, same owner), as Linux's mm holds VMAs.  Three views of the same
 * set: a list sorted by address for walking, a red-black tree augmented with each subtree's largest
 * free gap for finding and for placement, and a last-hit cache before the tree.  Where many
 * addresses are asked and nothing changes, a table stands between the two.  vm_check() says whether
 * all agree.
 *
 * Every mapping call of the loader goes through vm_map, vm_unmap and vm_protect: they call the
 * backend (the kernel, or a page-table model in the tests) and record what it did.  All addresses
 * and lengths are bytes; start is inclusive, end exclusive, both multiples of the page size.  Calls
 * that can fail return 0 (or an address) or a negative errno, and then the registry and the address
 * space are as they were.  The registry takes no lock: the caller holds its own.
 */
#ifndef VM_AREA_H
#define VM_AREA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "vm/rbtree.h"

/* Who an area belongs to.  The loader embeds one in each struct dso; areas of the same owner are
 * compared by this pointer.  The name is what people read and must outlive the areas; the object is
 * for whoever finds the area, and may be NULL. */
struct vm_owner {
	const char *name;
	void *object;
};

enum vm_kind {
	VM_FILE,     /* private mapping of a file: dev, ino and offset are valid */
	VM_ANON,     /* zero pages: .bss, arenas */
	VM_TLS,      /* zero pages that hold thread-local storage */
	VM_STACK,    /* the process' stack: grows down, see vm_grow_stack() */
	VM_HEAP,     /* the brk heap */
	VM_VDSO,     /* the kernel's code page(s) */
	VM_VVAR,     /* the kernel's data pages for the vDSO */
	VM_GUARD,    /* PROT_NONE, never to be used */
	VM_RESERVED, /* PROT_NONE, to be committed later with vm_map(VM_FIXED) */
};

/* Protection bits are the kernel's PROT_READ 1, PROT_WRITE 2, PROT_EXEC 4. */
enum { VM_R = 1, VM_W = 2, VM_X = 4 };

enum vm_flag {
	VM_FIXED = 1,       /* map exactly at the address, over whatever is there */
	VM_SHARED = 2,      /* MAP_SHARED (of a process' own mapping, seen by vm_refresh) */
	VM_ACCOUNTED = 4,   /* private and once writable (VM_ACCOUNT): the kernel keeps such an area
			       apart from one that never was, even when both are read-only now.
			       Set by the registry; vm_adopt's caller sets it for RELRO */
	VM_FOREIGN = 8,     /* made by the kernel at exec or by the process, not by the loader */
	VM_NORESERVE = 16,  /* MAP_NORESERVE: not counted against the commit limit */
	VM_VACANT = 32,     /* map exactly at the address if nothing is there, else -EEXIST */
	VM_POPULATE = 64,   /* MAP_POPULATE: all of it is about to be used */
	VM_INHERITED = 128, /* private, and there when this process was forked: the kernel keeps
			       what is mapped since apart from it.  Set by vm_forked() */
};

/* What an area is, apart from where it is. */
struct vm_what {
	enum vm_kind kind;
	unsigned prot;  /* VM_R | VM_W | VM_X */
	unsigned flags; /* enum vm_flag; VM_FIXED, VM_VACANT, VM_POPULATE are never stored */
	unsigned apart; /* vm_refresh's alone, see vm_joins(); 0 in what callers give */
	const struct vm_owner *owner; /* NULL: nobody that the loader knows */
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
	/* As mmap(2): at == 0 without fixed lets the backend choose; fd < 0 is anonymous memory.
	 * With VM_VACANT it may choose as well, if at is taken: the caller looks.
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
	bool valid;       /* nothing has changed since */
	size_t questions; /* that the cache had no answer for, since something changed */
	size_t room;
	uintptr_t *starts;
	struct vm_table_slot *slots;
};

struct vm {
	struct rb_root tree;
	struct vm_area *first, *last; /* the list's ends */
	struct vm_area *cache;        /* the area of the last successful vm_find, or NULL */
	uintptr_t cache_start;        /* where that is, */
	size_t cache_size;            /* and 0 with NULL */
	struct vm_table table;        /* before the tree, while it is valid */
	size_t count;                 /* areas */
	unsigned long hits, misses;   /* of the cache */
	uintptr_t low, high;          /* the range that gaps are searched in */
	size_t page;
	struct vm_area *free;  /* nodes given back, linked by next */
	struct vm_area *fresh; /* nodes never used, nfresh of them in a row: not touched before */
	size_t nfresh, nfree;  /* nfree: all unused nodes, given back and fresh */
	unsigned apart;        /* the last number given to a vm_what.apart */
	const struct vm_backend *backend;
	void *ctx;
};

/* Prepares an empty registry.  pool is memory for the first nodes (bytes long, kept for ever); when
 * it runs low the registry maps more through the backend and records that mapping too.
 * low and high bound the gap search; page is the page size. */
void vm_init(struct vm *vm, const struct vm_backend *backend, void *ctx, void *pool, size_t bytes,
	uintptr_t low, uintptr_t high, size_t page);

/* Records what is mapped already (by the kernel at exec), without a system call.  Whatever was
 * recorded in [start, end) is replaced. */
int vm_adopt(struct vm *vm, uintptr_t start, uintptr_t end, const struct vm_what *what);

/* Maps len bytes and records them.  With VM_FIXED at `at`, over whatever is there (its three cases:
 * the last pages, the first pages, the middle of an older area); with VM_VACANT at `at` or nowhere
 * (-EEXIST); without them `at` is a hint.  fd is used for VM_FILE alone.  The address comes back in
 * *out (may be NULL). */
int vm_map(struct vm *vm, uintptr_t at, size_t len, const struct vm_what *what, int fd,
	uintptr_t *out);

/* Reserves address space: PROT_NONE pages of kind VM_RESERVED, to be committed by vm_map(VM_FIXED)
 * or vm_protect.  align is a power of two, at least the page size; at is a hint or, with VM_FIXED
 * in flags, the only address that will do: then -EEXIST if anything is mapped there. */
int vm_reserve(struct vm *vm, uintptr_t at, size_t len, size_t align, unsigned flags,
	const struct vm_owner *owner, uintptr_t *out);

/* Unmaps and forgets [at, at + len); parts that are not mapped are skipped, as munmap does. */
int vm_unmap(struct vm *vm, uintptr_t at, size_t len);

/* Areas within [at, at + len) are nobody's from now on: their owner goes, they could not be
 * unmapped. */
void vm_disown(struct vm *vm, uintptr_t at, size_t len);

/* Changes the protection of [at, at + len): splits at the ends, merges with neighbours that have
 * become alike.  -ENOMEM if a page in between is not mapped, as mprotect (nothing is changed then).
 * A VM_RESERVED or VM_GUARD area that becomes accessible is VM_ANON from then on. */
int vm_protect(struct vm *vm, uintptr_t at, size_t len, unsigned prot);

/* The area that contains addr, or NULL.  Looks in the cache first and counts hits and misses. */
struct vm_area *vm_find(struct vm *vm, uintptr_t addr);

/* Whether so many have asked that a table would pay; then vm_make_table() makes one, which changes
 * the registry: it maps memory now and then.  A failure (a negative errno) does no harm. */
bool vm_table_due(const struct vm *vm);
int vm_make_table(struct vm *vm);

/* The same without the cache and without a write: for readers that may not change the registry. */
struct vm_area *vm_lookup(const struct vm *vm, uintptr_t addr);

/* The first area that ends above addr, or NULL: with ->next the walk over a range. */
struct vm_area *vm_first_above(const struct vm *vm, uintptr_t addr);

/* Whether the kernel would show b, which follows a, in the same line of /proc/self/maps; see
 * record.c for its rules and for what the registry cannot know. */
bool vm_joins(const struct vm_area *a, const struct vm_area *b);

/* The lowest (or, topdown, the highest) free range of len bytes aligned to align within
 * [low, high); 0 when there is none. */
uintptr_t vm_find_gap(
	const struct vm *vm, size_t len, size_t align, uintptr_t low, uintptr_t high, bool topdown);

/* Records that the kernel has grown the stack area down to include addr, if the guard gap (bytes)
 * below it stays free of accessible pages.  -ENOMEM if not, -EFAULT if addr is not below a stack.
 */
int vm_grow_stack(struct vm *vm, uintptr_t addr, size_t guard);

/* Records where the brk heap that starts at start ends now: creates, grows, shrinks or removes it.
 * Both are rounded up to pages, as brk does.  -ENOMEM if something else is mapped in the way. */
int vm_set_heap(struct vm *vm, uintptr_t start, uintptr_t end);

/* In a forked child: what it has inherited stays apart from what it will map. */
void vm_forked(struct vm *vm);

/* Makes dst (prepared by vm_init, empty) a copy of src: the registry of a forked child.  If dst's
 * pool is too small for that it maps more, in its own address space. */
int vm_clone(struct vm *dst, const struct vm *src);

/* 0 if list, tree, gaps and cache agree and no two neighbours could be one; otherwise a negative
 * number, with *why (may be NULL) saying what is wrong. */
int vm_check(const struct vm *vm, const char **why);

#endif

/* dso.h: one loaded object: the program, a library, the vDSO or the loader itself.
 *
 * struct dso describes an object; its fields are grouped by the file that sets them.  A dso is
 * allocated by object/dso.c, mapped by map.c (or adopted from the kernel by adopt.c), decoded by
 * dynamic.c and linked into the load order by load.c.  struct dso_state is its mutable state.  The
 * two are separate because the struct dso of a start-up object lies in permanent memory, which is
 * read-only once start-up is over, and its state does not.
 */
#ifndef DSO_H
#define DSO_H

#include "base/elf_types.h"
#include "vm/area.h"

struct dso;
struct dso_alias;
struct loader;

/* Objects in the order in which a symbol lookup visits them. */
struct scope {
	struct dso **list;
	size_t count, room;
	/* bloom.c */
	struct bloom_filter *filters; /* of the first `filtered` objects of the list */
	size_t filtered, filter_room;
	uintptr_t *words; /* copies of the filters' words */
	unsigned lookups; /* since the list changed */
};

/* The public part of struct link_map of <link.h>: read by debuggers and dlinfo(RTLD_DI_LINKMAP). */
struct link_map {
	uintptr_t l_addr;
	const char *l_name;
	Elf_Dyn *l_ld;
	struct link_map *l_next, *l_prev;
};

/* struct r_debug of <link.h>: what a debugger reads of a namespace. */
struct r_debug {
	int r_version; /* 2 from the second namespace on: r_next is valid */
	struct link_map *r_map;
	uintptr_t r_brk;
	enum { RT_CONSISTENT, RT_ADD, RT_DELETE } r_state;
	uintptr_t r_ldbase;
	struct r_debug *r_next; /* of the next namespace */
};

/* A table of the dynamic section: address in memory and bytes. */
struct table {
	uintptr_t addr;
	size_t size;
};

/* A version as a symbol's versym index names it (from DT_VERDEF or DT_VERNEED). */
struct version {
	const char *name; /* NULL: no such index */
	const char *file; /* the library that must define it; NULL in a definition */
	uint32_t hash;
	bool hidden; /* VERSYM_HIDDEN of the needed entry: not the default version */
	bool weak;   /* VER_FLG_WEAK: its absence is no error */
};

struct symtab {
	const Elf_Sym *sym;
	const char *str;
	size_t str_size;
	size_t limit; /* symbols that fit between sym and the end of its segment: bounds every index
		       */

	/* DT_GNU_HASH; nbuckets 0: absent */
	uint32_t nbuckets, symoffset, bloom_mask, bloom_shift;
	const uintptr_t *bloom;
	const uint32_t *buckets, *chain;
	size_t chain_limit; /* symbol indices below this have a readable chain word */

	/* DT_HASH; sysv_nbuckets 0: absent */
	uint32_t sysv_nbuckets, sysv_nchain;
	const uint32_t *sysv_buckets, *sysv_chain;

	const uint16_t *versym; /* NULL: the object has no versions */
	struct version *versions;
	size_t nversions;

	/* By symbol: whether no lookup finds it, as the loader defines it and the ld-linux of the
	 * program's libc does not; NULL: none is hidden. */
	const bool *hidden;
};

struct dso_tls {
	size_t module;   /* module id, from 1; 0: no PT_TLS.  Set by tls/ */
	uintptr_t image; /* address of the initialised part in the mapped object */
	size_t filesz, memsz, align;
	uintptr_t vaddr; /* p_vaddr: a block's address is congruent to it modulo align */
	/* tls/ */
	bool is_static;                    /* lies at the same offset from every thread pointer */
	ptrdiff_t offset;                  /* is_static: block = thread pointer + offset */
	size_t surplus_start, surplus_end; /* the part of the surplus that it occupies */
};

/* Whether an object's data is prelinked: relocated pages that the starts of a program share. */
enum prelink {
	PRELINK_NONE,   /* data mapped from its own file, at any address */
	PRELINK_PLACED, /* data mapped from its own file, at the address recorded in the plan */
	PRELINK_KEPT,   /* placed; once relocated, its data is saved for later starts */
	PRELINK_MAPPED, /* placed; its data was relocated by an earlier start */
};

/* How an object needs another (Solaris, "Linker and Libraries Guide"): a filtee defines symbols in its
 * place, an auxiliary one does so if there is one. */
enum need { NEED_LIBRARY, NEED_FILTEE, NEED_AUXILIARY };

enum dso_kind { DSO_PROGRAM, DSO_LIBRARY, DSO_SELF, DSO_VDSO };

struct dso {
	struct dso_state *state;
	/* What debuggers see, and dlopen's handle: the state's own_map, or the larger one that the
	 * libc ABI allocates. */
	struct link_map *map;
	struct vm_owner owner; /* name: the path as opened, or as the kernel gave it */
	enum dso_kind kind;
	struct namespace *ns;
	struct dso_memory *memory; /* blocks that dso_alloc() allocated at run time */

	/* map.c */
	const char *path;     /* as opened; never NULL */
	const char *name;     /* the name it was first asked for by */
	uint64_t dev, ino;    /* the file; 0, 0 when the kernel mapped it */
	uint64_t size;        /* of the file when it was mapped, in bytes */
	int64_t mtime, ctime; /* of the file when it was mapped, in nanoseconds */
	uintptr_t base;       /* load bias: address - p_vaddr */
	uintptr_t start, end; /* the span of all PT_LOAD, page bounds */
	const Elf_Phdr *phdr;
	size_t phnum;
	struct dso_tls tls;
	uintptr_t entry;
	uint16_t type; /* ET_EXEC or ET_DYN */
	const char *interp;
	uintptr_t relro_start, relro_end; /* page bounds; equal: none */
	unsigned stack_prot;              /* PT_GNU_STACK, or the machine's default without one */
	size_t stack_size;                /* its p_memsz */

	/* dynamic.c */
	struct symtab symtab;
	struct table rel, rela, relr, jmprel;
	bool jmprel_is_rela;
	size_t nrelative; /* DT_RELACOUNT: unchecked, so only a hint */
	uintptr_t pltgot;
	const char *soname, *rpath, *runpath;
	const char **needed; /* nneeded strings, of DT_NEEDED, DT_FILTER and DT_AUXILIARY */
	size_t nneeded;
	const uint8_t *need_kinds; /* of each string: enum need; NULL: all are NEED_LIBRARY */
	uintptr_t init, fini;
	struct table preinit_array, init_array, fini_array;
	bool symbolic, textrel, bind_now;
	uint32_t flags_1; /* DT_FLAGS_1 */
	Elf_Dyn *debug;   /* DT_DEBUG's entry */

	/* load.c */
	struct dso **deps; /* direct dependencies, in order */
	size_t ndeps;
	struct dso **filtees; /* those of them whose symbols come before its own */
	size_t nfiltees;
	/* The object that first needed it: RPATH is inherited along this, and RTLD_NEXT means the
	 * scope of the one at its end. */
	struct dso *needed_by;
	/* The object whose dlopen loaded this one: its relocations search the root's scope after the
	 * global one; NULL for objects of start-up. */
	struct dso *root;
	bool preloaded;
	bool deepbind; /* dlopen.c: the root's scope is searched before the global one */

	/* reloc.c */
	bool relocated, relro_done;
	bool lazy;              /* some PLT slots are bound at their first call, by plt.c */
	bool dynamic_relocated; /* the addresses in its dynamic section are relocated in place, as
				   its libc expects */

	/* cache/ */
	enum prelink prelink;
	struct remembered *remembered;
};

/* An object that was opened later and needs this one too: relocations search its scope as well. */
struct further_scope {
	struct dso *root;
	struct further_scope *next;
	struct further_scope *retired; /* of those that are in no list any more */
};

/* The mutable part of an object. */
struct dso_state {
	/* load.c */
	struct dso *prev, *next;   /* load order; map.l_next is the same for debuggers */
	struct scope scope;        /* itself and all dependencies, breadth-first: what dlsym(handle)
				    searches; empty until scope_make() */
	struct dso_alias *aliases; /* further names that it was found by */
	bool listed;               /* in the load order */
	bool global;               /* in the global scope of its namespace */

	struct further_scope *also; /* scope.c: searched after that of its root */

	/* dlopen.c */
	bool nodelete;      /* never unloaded */
	bool closing;       /* its destructors are running or have run: no name finds it */
	bool collected;     /* found unreachable by the current dlclose */
	unsigned opens;     /* successful dlopens less dlcloses */
	struct dso **bound; /* objects outside its scope that its symbols are bound to: they stay
			       loaded as long as it does */
	size_t nbound, bound_room;

	/* Scratch space of graph walks. */
	unsigned long seen;     /* number of the last walk that visited it */
	struct dso *reach_next; /* the queue of a breadth-first walk */
	size_t next_dep;        /* position of a depth-first walk in deps */

	/* init/ */
	enum { INIT_NONE, INIT_RUNNING, INIT_DONE } init_state;
	bool linked;        /* it was loaded because another object needs it */
	struct dso **order; /* sequence.c: its scope, in the reverse order of the constructors; NULL
			       unless it was opened, or is the program */
	bool all_done;      /* its constructors and those of all its dependencies have run */
	bool has_fini;      /* it is in the list of destructors */
	uintptr_t init_thread; /* thread pointer of the thread that runs its constructors */
	struct dso *fini_next; /* the list of destructors: reverse order of the constructors */

	/* by_address.c */
	struct address_index *by_address; /* NULL until it has seen enough lookups */
	unsigned address_lookups;

	struct audited *audited; /* audit/: NULL if no auditor is told of it */

	char *origin; /* origin.c: what $ORIGIN stands for; NULL until first used */
	struct link_map own_map;
};

/* Objects that bind to each other: the program's namespace, and one per dlmopen(LM_ID_NEWLM). */
struct namespace
{
	struct namespace *next;
	long id;                 /* Lmid_t */
	struct scope global;     /* RTLD_DEFAULT */
	struct dso *libc;        /* NULL in programs without a libc */
	struct dso *threads;     /* libpthread, where the libc has a separate one; or NULL */
	struct unique **uniques; /* unique.c; NULL until there is one */
	bool auditing;           /* an auditor's: no auditor is told of its objects */
	int activity;            /* audit/: what auditors were last told */
	bool losing;             /* dlclose.c: some of its objects are being unloaded */
	/* debugger.c */
	struct link_map *maps, *last_map; /* the list that debuggers walk */
	struct r_debug debug;             /* what leads there; the program's is api_r_debug */
};

/* A new object of the base namespace.  NULL: no memory (not reported). */
struct dso *dso_new(struct loader *ld, enum dso_kind kind);

/* n zeroed bytes, and a copy of s, that live as long as d.  NULL: no memory (not reported). */
void *dso_alloc(struct loader *ld, struct dso *d, size_t n);
char *dso_strdup(struct loader *ld, struct dso *d, const char *s);

/* Frees d and everything allocated for it; allocations of start-up stay. */
void dso_free(struct loader *ld, struct dso *d);

/* Whether d, the program, is static: it has no interpreter and no DT_NEEDED, and relocates itself
 * if it is position-independent. */
static inline bool dso_is_static(const struct dso *d)
{
	return !d->interp && !d->nneeded;
}

/* The next object of the load order, or NULL. */
static inline struct dso *dso_next(const struct dso *d)
{
	return d->state->next;
}

/* The address in memory of virtual address v of d's file. */
static inline void *dso_at(const struct dso *d, uintptr_t v)
{
	return (void *)(d->base + v);
}

/* The PT_LOAD of d after p (NULL: the first), or NULL; those with p_memsz 0 are skipped. */
const Elf_Phdr *dso_next_load(const struct dso *d, const Elf_Phdr *p);

/* The PT_LOAD that holds v (not relocated) and whose flags include all of `flags`; or NULL. */
const Elf_Phdr *dso_load_of(const struct dso *d, uintptr_t v, unsigned flags);

/* The address behind the last byte of the PT_LOADs of d whose flags include all of `flags`, where d->end is
 * that of the page. */
uintptr_t dso_segments_end(const struct dso *d, unsigned flags);

/* Whether [v, v + size) (not relocated) lies within one PT_LOAD of d whose flags include all of
 * `flags` (PF_R ...); .bss counts. */
bool dso_contains(const struct dso *d, uintptr_t v, size_t size, unsigned flags);

/* Bytes from v (not relocated) to the end of the readable PT_LOAD that holds it; 0: none does. */
size_t dso_room(const struct dso *d, uintptr_t v);

/* The object of the load order one of whose PT_LOADs holds addr, or NULL.  The lock is held. */
struct dso *dso_of_address(struct loader *ld, uintptr_t addr);

#endif

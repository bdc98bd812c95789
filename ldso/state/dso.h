/* dso.h: one loaded object, be it the program, a library, the vDSO or the loader itself.
 *
 * struct dso is what an object is: fields are grouped by who sets them.  A dso is made here, mapped
 * by map.c (or adopted from the kernel by main.c), decoded by dynamic.c and linked into the load
 * order by load.c.  struct dso_state is what becomes of it while the program runs, be it only that
 * others come and go beside it.  The two are apart because those of start-up are in permanent
 * memory, which is read-only once start-up is over, and their lives are not.
 */
#ifndef DSO_H
#define DSO_H

#include "base/elf_types.h"
#include "vm/area.h"

struct dso;
struct loader;

/* Objects in the order in which symbols are looked for. */
struct scope {
	struct dso **list;
	size_t count, room;
	/* bloom.c */
	struct bloom_filter *filters; /* of the first `filtered` of them */
	size_t filtered, filter_room;
	uintptr_t *words;   /* copies of their filters */
	unsigned questions; /* since something changed */
};

/* The part that debuggers and dlinfo(RTLD_DI_LINKMAP) read: struct link_map of <link.h>. */
struct link_map {
	uintptr_t l_addr;
	const char *l_name;
	Elf_Dyn *l_ld;
	struct link_map *l_next, *l_prev;
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
	bool unseen; /* of the loader's own: newer than the libc that it serves */
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
};

struct dso_tls {
	size_t module;   /* module id, from 1; 0: no PT_TLS.  Set by tls.c */
	uintptr_t image; /* address of the initialised part in the mapped object */
	size_t filesz, memsz, align;
	uintptr_t vaddr; /* p_vaddr: a block's address is congruent to it modulo align */
	/* tls.c again */
	bool is_static;                    /* lies at the same offset from every thread pointer */
	ptrdiff_t offset;                  /* is_static: block = thread pointer + offset */
	size_t surplus_start, surplus_end; /* the part of the surplus that it has */
};

/* Whether an object's data is prelinked: relocated pages that the starts of a program share. */
enum prelink {
	PRELINK_NONE,   /* its data is its file's, ... */
	PRELINK_PLACED, /* ... but it lies where each start that shares the pages has it */
	PRELINK_KEPT,   /* placed; its data will be kept for later starts when it is relocated */
	PRELINK_MAPPED, /* placed; its data comes relocated from an earlier start */
};

enum dso_kind { DSO_PROGRAM, DSO_LIBRARY, DSO_SELF, DSO_VDSO };

struct dso {
	struct dso_state *state;
	struct link_map *map; /* what debuggers see, and dlopen's handle: the life's own_map, or the
				 larger one that a world gives it */
	struct vm_owner owner; /* name: path as opened (or as the kernel said) */
	enum dso_kind kind;
	struct namespace *ns;
	struct dso_memory *memory; /* what dso_alloc() gave at run time */

	/* map.c */
	const char *path;     /* as opened; never NULL */
	const char *name;     /* what DT_NEEDED said: matches later DT_NEEDED entries */
	uint64_t dev, ino;    /* the file; 0, 0 when the kernel mapped it */
	uint64_t size;        /* what it was like when it was mapped: bytes, ... */
	int64_t mtime, ctime; /* ... times */
	uintptr_t base;       /* what is added to a p_vaddr */
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
	size_t nrelative; /* DT_RELACOUNT, as it says: nothing may rely on it */
	uintptr_t pltgot;
	const char *soname, *rpath, *runpath;
	const char **needed; /* nneeded strings */
	size_t nneeded;
	uintptr_t init, fini;
	struct table preinit_array, init_array, fini_array;
	bool symbolic, textrel, bind_now;
	uint32_t flags_1; /* DT_FLAGS_1 */
	Elf_Dyn *debug;   /* DT_DEBUG's entry */

	/* load.c */
	struct dso **deps; /* direct dependencies, in order */
	size_t ndeps;
	struct dso *needed_by; /* the first that wanted it: RPATH is inherited along this */
	struct dso *root;      /* what dlopen was asked for when this came: its relocations see the
				  root's scope behind the global one; NULL for objects of start-up */
	bool preloaded;
	bool deepbind; /* dlopen.c: its own scope comes before the global one */

	/* reloc.c */
	bool relocated, relro_done;
	bool lazy;              /* some slots of the PLT wait for plt.c */
	bool dynamic_relocated; /* addresses of its dynamic section are relocated where they stand,
				   as the libc wants it */

	/* cache/ */
	enum prelink prelink;
	struct remembered *remembered;
};

/* What changes while the program runs. */
struct dso_state {
	/* load.c */
	struct dso *prev, *next; /* load order; map.l_next is the same for debuggers */
	struct scope scope; /* itself and all dependencies breadth-first: what dlsym(handle) walks;
			       empty until there is a need */
	bool listed;        /* in the load order */
	bool global;        /* in the global scope of its namespace */

	/* dlopen.c */
	bool nodelete;      /* never unloaded */
	bool closing;       /* its destructors run, or have: no name means it any more */
	bool collected;     /* found unused by the dlclose that is under way */
	unsigned opens;     /* dlopen's that were not closed */
	struct dso **bound; /* objects outside of its scope that its symbols are bound to: they
			       stay as long as it does */
	size_t nbound, bound_room;

	/* Scratch of walks over the graph. */
	unsigned long seen;     /* the last walk that came here */
	struct dso *reach_next; /* the queue of a breadth-first one */
	size_t next_dep;        /* where a depth-first one stands */

	/* init.c */
	enum { INIT_NONE, INIT_RUNNING, INIT_DONE } init_state;
	bool all_done;         /* its constructors and those of all that it needs have run */
	bool has_fini;         /* is in the list of destructors */
	uintptr_t init_thread; /* thread pointer of the one that runs its constructors */
	struct dso *fini_next; /* destructors run along this: the reverse of the constructors */

	struct address_index
		*by_address; /* by_address.c: its index; NULL until there have been ... */
	unsigned questions;

	char *origin; /* search.c: directory of the real path for $ORIGIN; NULL until asked for */
	struct link_map own_map;
};

/* Objects that see each other: the program's, and one for each dlmopen(LM_ID_NEWLM). */
struct namespace
{
	struct namespace *next;
	long id;             /* Lmid_t */
	struct scope global; /* RTLD_DEFAULT */
	struct dso *libc;    /* the world's libc; NULL in the free world */
	struct dso *threads; /* where libc keeps its threads in a library of their own; or NULL */
	struct unique **uniques;          /* unique.c; NULL until there is one */
	struct link_map *maps, *last_map; /* debugger.c: the debugger's list */
};

/* A new object of the base namespace; NULL: no memory. */
struct dso *dso_new(struct loader *ld, enum dso_kind kind);

/* n zeroed bytes that live as long as d; NULL when memory is exhausted. */
void *dso_alloc(struct loader *ld, struct dso *d, size_t n);
char *dso_strdup(struct loader *ld, struct dso *d, const char *s);

/* Gives back d and all that was allocated for it; what start-up allocates stays. */
void dso_free(struct loader *ld, struct dso *d);

/* Without an interpreter and without needs a program relocates itself, if it has to be relocated at
 * all. */
static inline bool dso_is_static(const struct dso *d)
{
	return !d->interp && !d->nneeded;
}

/* Along the load order. */
static inline struct dso *dso_next(const struct dso *d)
{
	return d->state->next;
}

/* The address of p_vaddr v of d. */
static inline void *dso_at(const struct dso *d, uintptr_t v)
{
	return (void *)(d->base + v);
}

/* The PT_LOAD of d after p (NULL: the first), or NULL; empty ones map nothing and do not count. */
const Elf_Phdr *dso_next_load(const struct dso *d, const Elf_Phdr *p);

/* The PT_LOAD that holds v (not relocated) and whose flags include all of `flags`; or NULL. */
const Elf_Phdr *dso_load_of(const struct dso *d, uintptr_t v, unsigned flags);

/* Whether [v, v + size) (not relocated) lies within one PT_LOAD of d whose flags include all of
 * `flags` (PF_R ...). file: within what comes from the file, not from .bss. */
bool dso_contains(const struct dso *d, uintptr_t v, size_t size, unsigned flags);

/* Bytes from v to the end of the PT_LOAD that holds it; 0 when none does. */
size_t dso_room(const struct dso *d, uintptr_t v);

/* With the lock held: the object of the load order that addr lies in (one of its PT_LOADs), or
 * NULL. */
struct dso *dso_of_address(struct loader *ld, uintptr_t addr);

#endif

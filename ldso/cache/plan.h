/* plan.h: the file that one start of a program leaves for the next ones.
 *
 * It holds what the start came to: which files were loaded and in which order (objects), which
 * definition each symbol was bound to (bindings), and, where the relocated data is kept as well
 * (snapshot.h), where that lies and which relocations are still to be done each time (residue). And
 * it holds what all that depends on: the key, a text of everything in the process that matters, and
 * facts, the files and directories that were looked at.  A plan whose key or facts do not hold is
 * as good as none: it never changes what is loaded or bound, only how fast.
 *
 * All integers are the machine's own; a plan never leaves the machine's architecture.  Offsets
 * count from the file's first byte.  plan_open() checks every offset and index, so that others need
 * not.
 */
#ifndef PLAN_H
#define PLAN_H

#include "cache/identity.h"
#include "cache/store.h"

#define PLAN_FORMAT 1

struct plan_range {
	uint32_t at, count; /* byte offset, elements */
};

enum plan_fact_kind {
	FACT_FILE,      /* the path leads to just this file, unchanged; "": the program's */
	FACT_LIBRARY,   /* the same, of a file that an object is loaded from */
	FACT_BUILD_ID,  /* the path ("": the program's) leads to a file with this size and build-id;
			 * but for the program's, one that an object is loaded from */
	FACT_CONTENTS,  /* the path leads to a file with this size and checksum */
	FACT_DIRECTORY, /* no name in it was added or taken away */
	FACT_ABSENT,    /* the path leads nowhere */
	FACT_ORIGIN,    /* the path is what $ORIGIN means in the program */
	FACT_PLATFORM,  /* the path is what $PLATFORM stands for */
	FACT_HWCAPS,    /* the size is the processor's level (hwcaps.h) */
};

struct plan_fact {
	uint32_t kind, path;
	uint64_t size;
	union {
		struct {
			uint64_t dev, ino;
			int64_t mtime, ctime;
		};
		unsigned char id[IDENTITY]; /* FACT_BUILD_ID, FACT_CONTENTS */
	};
};

enum plan_object_flag {
	PLAN_LIBRARY = 1, /* a file; otherwise the program (the first object) or the loader */
	PLAN_PRELOADED = 2,
	PLAN_LIBC = 4,     /* its namespace's libc, where the world opens that by itself */
	PLAN_LAZY = 8,     /* some slots of its PLT wait for their first call */
	PLAN_FIXED = 16,   /* its pages are in the snapshot */
	PLAN_DYNAMIC = 32, /* and there its dynamic section is relocated */
	PLAN_PLACED = 64,  /* it lies where the snapshot has it; so do all that have pages in it */
};

/* In load order, without the vDSO. */
struct plan_object {
	uint32_t path, name; /* strings; of libraries alone */
	uint32_t flags;
	uint32_t fact;              /* of its file */
	uint32_t needed_by;         /* an object before it */
	struct plan_range deps;     /* words: objects; at: index of the first */
	struct plan_range bindings; /* at: index of the first */
	struct plan_range left;     /* the same, of what the residue's symbols are bound to */
	struct plan_range residue;  /* words: numbers of relocations; at: index of the first */
	uint64_t start;             /* address of its first page, and ... */
	uint64_t offset; /* ... where its writable pages begin in the snapshot: PLAN_FIXED */
};

/* A residue's number has this bit for an IFUNC whose outcome the snapshot holds, for the processor
 * that it was made on. */
#define PLAN_BY_CPU ((uint32_t)1 << 31)

/* The definition of a symbol of an object. */
struct plan_binding {
	uint32_t key;    /* reloc.h */
	uint32_t object; /* PLAN_NOBODY: nobody defines it, and it is weak */
	uint32_t target; /* the index of the definition */
};
#define PLAN_NOBODY UINT32_MAX

struct plan_pages {
	uint32_t name;     /* a string; empty: there is no snapshot */
	uint32_t portable; /* the plan is for other hosts too, which have no snapshot of it */
	uint64_t dev, ino, size;
	int64_t mtime, ctime;
	uint64_t cpu; /* what the resolvers of IFUNCs go by (libc.h) */
};

struct plan_head {
	char magic[8];
	uint32_t format, head_size;
	uint64_t size; /* of the whole file */
	uint64_t sum;  /* of all bytes but these eight */
	struct plan_range key, strings, facts, objects, words, bindings, uniques;
	struct plan_range processor; /* bytes, as the world likes them (libc.h) */
	struct plan_pages pages;
};

struct plan {
	struct store_file file;
	const struct plan_head *head;
	const char *key; /* head->key.count bytes, without a 0 */
	const char *strings;
	const struct plan_fact *facts;
	const struct plan_object *objects;
	const uint32_t *words;
	const struct plan_binding *bindings, *uniques;
	const void *processor;
};

/* The name of the plan for a key. */
void plan_name(const char *key, size_t n, char *name);

/* Takes a mapped file for a plan: true if it is one that is whole, sound and for this key (NULL:
 * for any). */
bool plan_open(struct plan *p, const struct store_file *f, const char *key, size_t n);

/* Whether it is a fact about a file that an object is loaded from. */
bool plan_is_of_library(const struct plan *p, const struct plan_fact *f);

/* For its writer: what stands in the head of every plan; and, when all of it stands in memory
 * behind the head, its checksum. */
void plan_head_init(struct plan_head *h);
uint64_t plan_sum(const struct plan_head *h);

/* Whether a file with this time (of the last change, st_ctime) is sure to get another one should it
 * change after that moment. */
bool plan_is_settled(int64_t ctime, int64_t moment);

/* What is known of the file that the program is; false: it is not to be had, or it is another one
 * by now. */
bool plan_program_is(const struct loader *ld, struct file_info *info);

/* The file that the program is, as a path to look at it by; and, in path (n bytes), its own one,
 * without symbolic links, or where /proc does not tell the one that it was started by. */
const char *plan_program_path(const struct loader *ld);
void plan_program_file(const struct loader *ld, char *path, size_t n);

#endif

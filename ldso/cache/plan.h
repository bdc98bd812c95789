/* plan.h: the file that records the result of one start of a program, or of one dlopen, for later
 * ones.
 *
 * A start's plan has its result: which files were loaded and in which order (objects), which
 * definition each symbol was bound to (bindings), and, if there is a snapshot (pages.h), where the
 * data is in it and which relocations are left to each process.  And it has what this depends on:
 * the key, a text of the relevant state of the process (key.h), and facts, the files and
 * directories that were looked at (facts.h).  A plan whose key or facts do not hold is not used:
 * plans never change what is loaded or bound, only how fast.
 *
 * A dlopen's plan has bindings only, and its key names every file that they depend on
 * (dlopen_cache.h).
 *
 * Integers are in the machine's byte order; a plan is never used on another architecture.  Offsets
 * count from the file's first byte.  plan_open() checks every offset and index, so that other code
 * need not.
 */
#ifndef PLAN_H
#define PLAN_H

#include "cache/identity.h"
#include "cache/store.h"

#define PLAN_FORMAT 2

enum plan_kind { PLAN_START, PLAN_DLOPEN };

struct plan_range {
	uint32_t at, count; /* byte offset, elements */
};

enum plan_fact_kind {
	FACT_FILE,      /* the path ("": the program's) leads to this file, unchanged */
	FACT_LIBRARY,   /* the same, for a file that an object is loaded from */
	FACT_BUILD_ID,  /* the path ("": the program's) leads to a file with this size and build-id;
			 * an object is loaded from it, unless it is the program's */
	FACT_CONTENTS,  /* the path leads to a file with this size and checksum */
	FACT_DIRECTORY, /* no name was added to or removed from this directory */
	FACT_ABSENT,    /* the path does not exist */
	FACT_ORIGIN,    /* the path is the program's $ORIGIN */
	FACT_PLATFORM,  /* the path is the value of $PLATFORM */
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
	PLAN_LIBC = 4,     /* its namespace's libc, if abi->open_libc() opened it */
	PLAN_LAZY = 8,     /* some slots of its PLT are lazy */
	PLAN_FIXED = 16,   /* its pages are in the snapshot */
	PLAN_DYNAMIC = 32, /* its dynamic section is relocated in the snapshot */
	PLAN_PLACED = 64,  /* it has to be mapped at `start`; true of all that are PLAN_FIXED */
};

/* The objects of a start, in load order, without the vDSO; of a dlopen, in the order of
 * relocation. */
struct plan_object {
	uint32_t member;     /* dlopen: the index of its first occurrence in the key */
	uint32_t path, name; /* strings; libraries only */
	uint32_t flags;
	uint32_t fact;                   /* about its file */
	uint32_t needed_by;              /* an object before it */
	struct plan_range deps;          /* words: objects; at: index of the first */
	struct plan_range bindings;      /* at: index of the first */
	struct plan_range left;          /* words: numbers of the relocations that are left to each
					       process; at: index of the first */
	struct plan_range left_bindings; /* the bindings of their symbols */
	uint64_t start;                  /* PLAN_PLACED: address of its first page */
	uint64_t offset;                 /* PLAN_FIXED: of its writable pages in the snapshot */
};

/* The definition of a symbol of an object. */
struct plan_binding {
	uint32_t key;    /* reloc/bindings.h */
	uint32_t object; /* index of the defining object (dlopen: in the key), or one of these: */
	uint32_t target; /* index of the definition in the object's symbol table */
};
#define PLAN_UNDEFINED UINT32_MAX       /* undefined weak */
#define PLAN_LOOK_UP   (UINT32_MAX - 1) /* dlopen: has to be looked up each time */

struct plan_pages {
	uint32_t name;     /* a string; empty: no snapshot */
	uint32_t portable; /* the plan is for other hosts, too, and has no snapshot */
	uint64_t dev, ino, size;
	int64_t mtime, ctime;
	uint64_t cpu; /* libc_abi.cpu_key(): the processor that IFUNC resolvers chose for */
};

struct plan_head {
	char magic[8];
	uint32_t format, head_size;
	uint32_t kind;            /* enum plan_kind */
	uint32_t members;         /* dlopen: number of files in the key */
	uint32_t program, opened; /* dlopen: strings, two paths for `--cache list` */
	uint64_t size;            /* of the whole file */
	uint64_t sum;             /* checksum of the file with this field 0 */
	struct plan_range key, strings, facts, objects, words, bindings, uniques;
	struct plan_range processor; /* bytes of libc_abi.processor() */
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

/* A dlopen's key: the rules of its lookups as text, padded with zeroes, then the files. */
#define PLAN_RULES 128

struct plan_member {
	uint64_t dev, ino, size; /* 0: the loader, whose build is part of the rules */
	int64_t mtime, ctime;
	uint64_t is_new;
};

static inline const struct plan_member *plan_members(const char *key)
{
	return (const struct plan_member *)(const void *)(key + PLAN_RULES);
}

/* Writes the file name (STORE_NAME bytes) of the plan for a key. */
void plan_name(enum plan_kind kind, const char *key, size_t n, char *name);

/* Initialises *p from a mapped file; returns whether that is a complete, undamaged plan of this
 * kind and for this key (NULL: any). */
bool plan_open(
	struct plan *p, enum plan_kind kind, const struct store_file *f, const char *key, size_t n);

/* Whether the fact is about a file that an object is loaded from. */
bool plan_is_of_library(const struct plan *p, const struct plan_fact *f);

/* The sections of a plan, in the order in which they are written. */
enum plan_section {
	PLAN_KEY,
	PLAN_STRINGS,
	PLAN_FACTS,
	PLAN_OBJECTS,
	PLAN_WORDS,
	PLAN_BINDINGS,
	PLAN_UNIQUES,
	PLAN_PROCESSOR,
	PLAN_SECTIONS
};

struct plan_part {
	const void *data;
	size_t bytes;
};

/* Makes a complete plan in the arena from the sections and from kind, members, program, opened and
 * pages of `head`.  NULL when memory is exhausted, or if it would be larger than 4 GiB. */
const struct plan_head *plan_make(struct arena *arena, const struct plan_head *head,
	const struct plan_part parts[PLAN_SECTIONS]);

#endif

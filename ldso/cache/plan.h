/* plan.h: the file that one start of a program, or one dlopen, leaves for the next ones.
 *
 * A start's plan holds what it came to: which files were loaded and in which order (objects), which
 * definition each symbol was bound to (bindings), and, where the relocated data is kept as well
 * (pages.h), where that lies and which relocations are left to each process.  And it holds what all
 * that depends on: the key, a text of everything in the process that matters (key.h), and facts,
 * the files and directories that were looked at (facts.h).  A plan whose key or facts do not hold
 * is as good as none: it never changes what is loaded or bound, only how fast.
 *
 * A dlopen's plan has bindings alone, and its key names every file that they depend on
 * (dlopen_cache.h).
 *
 * All integers are the machine's own; a plan never leaves the machine's architecture.  Offsets
 * count from the file's first byte.  plan_open() checks every offset and index, so that others need
 * not.
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
	PLAN_LIBC = 4,     /* its namespace's libc, where the libc's ABI opens that by itself */
	PLAN_LAZY = 8,     /* some slots of its PLT wait for their first call */
	PLAN_FIXED = 16,   /* its pages are in the snapshot */
	PLAN_DYNAMIC = 32, /* and there its dynamic section is relocated */
	PLAN_PLACED = 64,  /* it lies where the snapshot has it; so do all that have pages in it */
};

/* Of a start, in load order, without the vDSO; of a dlopen, in the order of relocation. */
struct plan_object {
	uint32_t member;     /* of a dlopen: the first one of its key that this is */
	uint32_t path, name; /* strings; of libraries alone */
	uint32_t flags;
	uint32_t fact;                   /* of its file */
	uint32_t needed_by;              /* an object before it */
	struct plan_range deps;          /* words: objects; at: index of the first */
	struct plan_range bindings;      /* at: index of the first */
	struct plan_range left;          /* words: numbers of the relocations that are left to each
				       process; at: index of the first */
	struct plan_range left_bindings; /* what the symbols of those are bound to */
	uint64_t start;                  /* address of its first page, and ... */
	uint64_t offset; /* ... where its writable pages begin in the snapshot: PLAN_FIXED */
};

/* The definition of a symbol of an object. */
struct plan_binding {
	uint32_t key;    /* reloc/bindings.h */
	uint32_t object; /* of a dlopen, a member of its key; or one of these: */
	uint32_t target; /* the index of the definition */
};
#define PLAN_NOBODY UINT32_MAX       /* nothing defines it, and it is weak */
#define PLAN_ASK    (UINT32_MAX - 1) /* of a dlopen: it is to be looked up each time */

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
	uint32_t kind;            /* enum plan_kind */
	uint32_t members;         /* of a dlopen: files in its key */
	uint32_t program, opened; /* of a dlopen: strings, their paths, for `--cache list` */
	uint64_t size;            /* of the whole file */
	uint64_t sum;             /* of all bytes but these eight */
	struct plan_range key, strings, facts, objects, words, bindings, uniques;
	struct plan_range processor; /* bytes, as the libc's ABI gives them (libc.h) */
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

/* A dlopen's key: its rules as text, padded with zeroes, and its files. */
#define PLAN_RULES 128

struct plan_member {
	uint64_t dev, ino, size; /* 0: the loader, whose build is among the rules */
	int64_t mtime, ctime;
	uint64_t is_new;
};

static inline const struct plan_member *plan_members(const char *key)
{
	return (const struct plan_member *)(const void *)(key + PLAN_RULES);
}

/* The name of the plan for a key. */
void plan_name(enum plan_kind kind, const char *key, size_t n, char *name);

/* Takes a mapped file for a plan: true if it is one of this kind that is whole, sound and for this
 * key (NULL: for any). */
bool plan_open(
	struct plan *p, enum plan_kind kind, const struct store_file *f, const char *key, size_t n);

/* Whether it is a fact about a file that an object is loaded from. */
bool plan_is_of_library(const struct plan *p, const struct plan_fact *f);

/* The sections of a plan that is to be written, in the order of struct plan. */
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

/* Puts a plan together in one piece, in the arena; of `head` the kind, members, program, opened and
 * pages are taken.  NULL: no memory, or it would be larger than 4 GiB. */
const struct plan_head *plan_make(struct arena *arena, const struct plan_head *head,
	const struct plan_part parts[PLAN_SECTIONS]);

#endif

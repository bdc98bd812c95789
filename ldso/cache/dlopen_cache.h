/* reopen.h: what the symbols of a dlopen's objects were bound to, kept for the same dlopen later,
 * in this process or another.
 *
 * What a symbol is bound to follows from the files in the scopes that it is looked for in, from
 * their order and from the rules of the lookup, and from nothing else that has happened before.  So
 * that is the key: each file of the global scope and of the scope of what dlopen was asked for, in
 * order, by device, inode, size and times as they were when it was mapped, and which of them are
 * new.  Which files these are the search says each time: that costs the opening of the files, which
 * there would be anyway.  A library that was replaced or added, an interposer, another order, one
 * that was closed in between: each makes another key.
 *
 * Each dlopen that is worth it has a file of its own in the store (store.h), KEY.open, KEY being a
 * hash of the key, which it holds as a whole.  It is written within the dlopen, when the process is
 * sure to be allowed files, and may end later in whichever way.
 *
 * Not kept: slots that wait for their first call, whose definition may change until then;
 * STB_GNU_UNIQUE symbols, whose definition is the one that was met first; namespaces other than the
 * program's.
 */
#ifndef REOPEN_H
#define REOPEN_H

#include "cache/plan.h"
#include "reloc/reloc.h"

#define REOPEN_FORMAT 1

/* The file.  All integers are the machine's own.  Behind the head: the key, the objects, the
 * bindings, the strings, each padded to 8 bytes. */
struct reopen_head {
	char magic[8];
	uint32_t format;
	uint32_t members; /* files in the key */
	uint64_t size;    /* of the whole file */
	uint64_t sum;     /* of all bytes but these eight */
	uint32_t objects, bindings;
	uint32_t strings; /* bytes: the paths of the program and of what was opened, for people */
	uint32_t reserved;
};

/* The key: its rules as text, padded with zeroes, and its files. */
#define REOPEN_RULES 128

struct reopen_member {
	uint64_t dev, ino, size; /* 0: the loader, whose build is among the rules */
	int64_t mtime, ctime;
	uint64_t is_new;
};

/* An object that was relocated, and its bindings in the order in which its relocations ask. */
struct reopen_object {
	uint32_t member, reserved;
	struct plan_range bindings; /* at: index of the first */
};

/* A binding's object is a member, PLAN_NOBODY, or this: it is to be looked up. */
#define REOPEN_ASK (PLAN_NOBODY - 1)

struct reopen_file {
	const struct reopen_head *head;
	const char *key;
	const struct reopen_object *objects;
	const struct plan_binding *bindings;
	const char *strings;
};

/* Takes a mapped file for one of these: true if it is whole and sound, for whichever key. */
bool reopen_take_file(struct reopen_file *f, const struct store_file *mapped);

/* The program's path, and that of what was opened. */
const char *reopen_program(const struct reopen_file *f);
const char *reopen_opened(const struct reopen_file *f);

/* NULL, or why no dlopen will go by it: as far as those two files and the loader tell. */
const char *reopen_stale(const struct loader *ld, const struct reopen_file *f);

/* The objects behind `before` in the load order have their scopes and are about to be relocated:
 * looks for what is known of them, or begins to take notes, in ld->reopen. */
void reopen_begin(struct loader *ld, const struct dso *before, enum binding binding);

/* Whether something is known of them, so that hardly a symbol is looked up. */
bool reopen_follows(const struct loader *ld);

/* All of them are relocated, or (false) that has failed: leaves the notes for later. */
void reopen_end(struct loader *ld, bool relocated);

/* With ld->reopen.  d is the next one. */
void reopen_object(struct loader *ld, const struct dso *d);

/* Whether it is known what the symbol of d that a key (reloc.h) means is bound to: *def, or nobody
 * (.dso NULL). */
bool reopen_known(struct loader *ld, struct dso *d, uint32_t key, struct def *def);

/* It was not known, and is this. */
void reopen_note(struct loader *ld, uint32_t key, const struct def *def);

#endif

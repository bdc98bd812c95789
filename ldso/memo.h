/* memo.h: what the symbols of one object are bound to, remembered while it is relocated.
 *
 * A symbol that many relocations name is looked up once.  The memo can also be filled beforehand
 * with what an earlier start has found (replay.h).  A hash table over a key that holds the symbol's
 * index and the way in which it is meant, since a COPY and a PLT slot skip some definitions.  One
 * table serves all objects in turn: entries of the one before count as free.
 */
#ifndef MEMO_H
#define MEMO_H

#include "symbol.h"

/* How a relocation means its symbol. */
enum memo_way { MEMO_DATA, MEMO_FUNCTION, MEMO_COPY };

struct memo_entry {
	uint32_t round; /* of which object it is; another than the memo's: free */
	uint32_t key;
	struct def def; /* .dso NULL: weak, and nobody defines it */
};

struct memo {
	struct arena *arena; /* what the table leaves behind when it grows goes with its mark */
	struct memo_entry *table;
	uint32_t mask; /* size - 1; 0: no table yet */
	uint32_t count, round;
};

static inline uint32_t memo_key(uint32_t symbol, enum memo_way way)
{
	return symbol << 2 | (uint32_t)way;
}

void memo_init(struct memo *m, struct arena *arena);

/* Forgets all, for the next object; n entries or so are to come. */
void memo_next(struct memo *m, size_t n);

/* The entry of a key, or NULL. */
const struct memo_entry *memo_find(const struct memo *m, uint32_t key);

/* Adds a key that is not there.  Without memory it is not remembered. */
void memo_add(struct memo *m, uint32_t key, const struct def *def);

#endif

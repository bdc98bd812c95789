/* record.h: what a start comes to, noted while it happens, and left as a plan for later ones.
 *
 * Notes are taken only while ld->record is there; these calls do nothing without.  A start that no
 * plan can tell of (a search in a relative directory, say) is unfit: it leaves nothing.  Nor does a
 * start that runs out of memory or disk for it; that is no failure.
 */
#ifndef RECORD_H
#define RECORD_H

#include "cache/plan.h"
#include "symbol/symbol.h"

struct record;

/* Begins to take notes for the plan with this key, n bytes, and takes the store over.  snapshot:
 * relocated pages are to be kept as well.  The program is there, nothing else has been looked at.
 */
void record_begin(
	struct loader *ld, const struct store *store, const char *key, size_t n, bool snapshot);

/* All objects are loaded: numbers them, and says which of them the snapshot will hold.  Notes end
 * here if the start has turned out to be unfit. */
void record_objects(struct loader *ld);

/* Whether this process may keep pages: not if its addresses are no secret. */
bool record_may_keep_pages(void);

/* The symbol of d that a key (reloc.h) means is bound to def. */
void record_binding(struct loader *ld, const struct dso *d, uint32_t key, const struct def *def);

/* Relocation `number` of d, which the snapshot will hold, is left for each start to do: true.
 * false: it cannot be noted, and has to be done at once. */
bool record_residue(struct loader *ld, const struct dso *d, uint32_t number);

/* All other relocations are done: writes the snapshot's pages, and hands each object its residue.
 */
void record_pages(struct loader *ld);

/* The word at `where` has got the value that it has in every start on such a processor, by an
 * IFUNC's resolver; `number` is that of its relocation, in the object's residue. */
void record_word(struct loader *ld, const uintptr_t *where, const uint32_t *number);

/* Leaves the plan, if the start was fit for one, and ends.  ld->why: why there is none. */
void record_end(struct loader *ld);

#endif

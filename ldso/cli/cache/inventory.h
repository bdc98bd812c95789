/* inventory.h: what the store holds, as text. */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "cache/plan.h"

/* A line of text about a plan: the kind, how many libraries and bindings it has. */
void inventory_describe(const struct plan *p, bool snapshot, char *text, size_t n);

/* A table of all plans, each with whether a start would follow it now. */
int inventory_list(struct loader *ld, const struct store *s);

/* A line about each file: 1 if any is damaged, else 0; or a negative errno. */
int inventory_verify(struct loader *ld, const struct store *s);

#endif

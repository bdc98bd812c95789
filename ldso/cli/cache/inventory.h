/* inventory.h: the contents of a cache directory, as text. */
#ifndef INVENTORY_H
#define INVENTORY_H

#include "cache/plan.h"

/* Writes a description of a plan to text (n bytes): its kind and the numbers of libraries and
 * bindings. */
void inventory_describe(const struct plan *p, bool snapshot, char *text, size_t n);

/* Prints a table of all plans, and whether a start would use them now.  Returns 0 or -errno. */
int inventory_list(struct loader *ld, const struct store *s);

/* Prints a line about each file.  Returns 1 if any is damaged, else 0; or -errno. */
int inventory_verify(struct loader *ld, const struct store *s);

#endif

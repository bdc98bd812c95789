/* list.h: splitting of lists in one string, such as LD_LIBRARY_PATH. */
#ifndef LIST_H
#define LIST_H

#include <stddef.h>

/* Returns the next element of *list, which ends at the next character of `separators` or at the
 * end, sets *n to its length and advances *list.  Elements are empty between two separators, at
 * either end, and in an empty list.  Returns NULL when there are no more, which is when *list is
 * NULL. */
const char *list_next(const char **list, const char *separators, size_t *n);

#endif

/* list.h: lists of words in one string, such as LD_LIBRARY_PATH. */
#ifndef LIST_H
#define LIST_H

#include <stddef.h>

/* Takes the next element off *list: what stands before the next character of `separators` or the
 * end.  Returns its first character and, in *n, its length, which is 0 between two separators, at
 * either end, and in an empty list.  NULL when there are no more; *list is NULL then, too. */
const char *list_next(const char **list, const char *separators, size_t *n);

#endif

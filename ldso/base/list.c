/* list.c: splitting of lists in one string; see list.h. */
#include "base/list.h"
#include "base/mem.h"

const char *list_next(const char **list, const char *separators, size_t *n)
{
	const char *word = *list;

	if (!word)
		return NULL;
	*n = 0;
	while (word[*n] && !strchr(separators, word[*n]))
		++*n;
	*list = word[*n] ? word + *n + 1 : NULL;
	return word;
}

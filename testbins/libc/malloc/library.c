#include <stdlib.h>
#include <string.h>

char *library_copy(const char *text)
{
	char *copy = malloc(strlen(text) + 1);

	return strcpy(copy, text);
}

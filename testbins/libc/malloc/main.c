/* Whose malloc is called, by the program, by a library and by libc itself. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check_maps.h"

extern int allocations __attribute__((weak));
char *library_copy(const char *);

int main(void)
{
	int before = &allocations ? allocations : 0;
	char *a = malloc(100), *b = library_copy("library"), *c = strdup("libc"), *d = calloc(3, 7);
	char *e = NULL;
	FILE *stream;
	size_t size;

	check_maps("at main");
	stream = open_memstream(&e, &size); /* grows by realloc, inside libc */
	fprintf(stream, "%1000d", 1);
	fclose(stream);
	printf("%s %s %zu %d\n", b, c, size, d[20]);
	a = realloc(a, 5000);
	a[4999] = 1;
	printf("counted at least 5: %d\n", !&allocations || allocations - before >= 5);
	printf("there is a counter: %d\n", &allocations != NULL);
	free(a);
	free(b);
	free(c);
	free(d);
	free(e);
	return 0;
}

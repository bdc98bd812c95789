/* What lies in each segment: zeroed tails, .bss far beyond the file, alignments above a page. */
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "check_maps.h"

#define MIB (1024L * 1024)

int library_check(void);
void *aligned_64k(void), *aligned_2m(void);

static int initialised[3] = {1, 2, 3}; /* makes the data segment end inside a page */
static char tail[5000];
static char large[64 * MIB];

static long sum(const char *p, size_t n, size_t step)
{
	long total = 0;
	size_t i;

	for (i = 0; i < n; i += step)
		total += p[i] != 0;
	return total;
}

int main(void)
{
	check_maps("at main");
	printf("initialised %d %d %d\n", initialised[0], initialised[1], initialised[2]);
	printf("nonzero in tail: %ld\n", sum(tail, sizeof(tail), 1));
	printf("nonzero in 64 MiB: %ld\n", sum(large, sizeof(large), 4093));
	memset(large, 1, 4096);
	large[sizeof(large) - 1] = 1;
	check_maps("after writing");
	printf("library: %d\n", library_check());
	printf("64K alignment: %d\n", (uintptr_t)aligned_64k() % 65536 == 0);
	printf("2M alignment: %d\n", (uintptr_t)aligned_2m() % (2 * MIB) == 0);
	return 0;
}

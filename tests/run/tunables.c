/* tunables.c VERSION: what the loader's --list-tunables prints for that version of glibc, in this
 * process' environment; for tunables.py. */
#define _GNU_SOURCE
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "lib/fake_memory.h"
#include "lib/fake_sys.h"
#include "libc/glibc/tunables.h"

int main(int argc, char **argv)
{
	struct loader ld = {.config.envp = environ};
	const struct glibc_row *row;
	struct glibc_build b;
	size_t i = 0;

	fake_reset();
	fake_arena_init(&ld.permanent, 1 << 18);
	while ((row = glibc_row_at(i)) && (argc < 2 || strcmp(row->version, argv[1])))
		i++;
	if (!row) {
		fprintf(stderr, "usage: tunables VERSION (one that there is a table for)\n");
		return 2;
	}
	glibc_read_build(row, &b);
	if (tunables_init(&ld, &b) < 0)
		return 1;
	tunables_print();
	fputs(fake.written[1], stdout);
	fputs(fake.written[2], stderr);
	return 0;
}

/* tunables.c VERSION: what the loader's --list-tunables prints for that version of glibc, in this
 * process' environment; for tunables.py. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "../unit/fake_sys.h"
#include "libc/glibc/tunables.h"

extern const struct glibc_build __start_glibc_builds[], __stop_glibc_builds[];

int main(int argc, char **argv)
{
	struct loader ld = {.config.envp = environ};
	const struct glibc_build *b = __start_glibc_builds;

	fake_reset();
	fake_arena_init(&ld.permanent, 1 << 18);
	while (b < __stop_glibc_builds && (argc < 2 || strcmp(b->version, argv[1])))
		b++;
	if (b == __stop_glibc_builds) {
		fprintf(stderr, "usage: tunables VERSION (one that there is a table for)\n");
		return 2;
	}
	if (tunables_init(&ld, b) < 0)
		return 1;
	tunables_print();
	fputs(fake.written[1], stdout);
	fputs(fake.written[2], stderr);
	return 0;
}

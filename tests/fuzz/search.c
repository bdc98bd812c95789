/* search.c: the texts that a search reads: a needed name, LD_LIBRARY_PATH, DT_RUNPATH with $ORIGIN
 * and the like, and a libc's file of directories.  The input is these four with a 0 between them.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_sys.h"
#include "harness.h"
#include "search/search.h"
#include "state/words.h"

enum { TEXTS = 4, MOST = 4096 };

const unsigned regions = 0;

static const struct libc_abi of_runpath = {.name = "runpath",
	.words = &words_of_ldso,
	.paths = {"/lib:/usr/lib", DEBIAN_LIB},
	.match_names = true};
static const struct libc_abi of_file = {.name = "file",
	.words = &words_of_musl,
	.path_file = "/etc/search.path",
	.rpath_is_runpath = true};

static void search(struct loader *ld, const struct libc_abi *abi, char *const text[TEXTS])
{
	struct dso_state state = {0};
	struct dso by = {.state = &state,
		.path = "/dir/prog",
		.name = "prog",
		.runpath = text[2],
		.rpath = text[2]};
	struct found found;
	int r;

	ld->abi = abi;
	ld->places = NULL; /* which keeps the directories of another libc */
	ld->config.library_path = text[1];
	ld->program = &by;
	diag_clear(&ld->diag);
	r = search_library(ld, text[0], &by, &ld->scratch, &found);
	expect((r == 0) == (ld->diag.count == 0));
	if (r == 0)
		sys_close(found.fd);
	expect(fake_open() == 0);
	ld->program = NULL;
}

void fuzz(struct loader *ld)
{
	int fd = sys_open(INPUT);
	char *all = calloc(1, MOST + TEXTS), *text[TEXTS], *p = all;
	long n = sys_pread(fd, all, MOST, 0);

	sys_close(fd);
	for (size_t i = 0; i < TEXTS; i++) {
		text[i] = p;
		p += strlen(p) + (p < all + n);
	}
	fake_add("/etc/search.path", text[3], strlen(text[3]));
	if (*text[0]) {
		search(ld, &of_runpath, text);
		search(ld, &of_file, text);
	}
	free(all);
}

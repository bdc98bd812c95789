/* lists.c: the lists of what is preloaded: /etc/ld.so.preload, and LD_PRELOAD of a set-user-ID program; and the
 * notes of a file, in which the build-id is.
 */
#include <stdlib.h>
#include <string.h>

#include "fake_sys.h"
#include "harness.h"
#include "base/list.h"
#include "object/build_id.h"
#include "search/search.h"

const unsigned regions = 0;

static const struct libc_abi of_lists = {.name = "lists",
	.paths = {"/lib:/usr/lib", DEBIAN_LIB},
	.preload_file = "/etc/ld.so.preload"};

static void walk(const char *list)
{
	size_t n;

	for (const char *word; (word = list_next(&list, ": ", &n));)
		harness_touch(word, n);
}

/* Without the 0 behind them, so that the sanitizer sees each byte too many. */
static void find_build_id(const char *text, size_t n)
{
	unsigned char id[BUILD_ID_ROOM];
	char *notes = malloc(n ? n : 1);

	memcpy(notes, text, n);
	expect(build_id_find(notes, n, 4, id) <= sizeof id);
	expect(build_id_find(notes, n, 8, id) <= sizeof id);
	free(notes);
}

void fuzz(struct loader *ld)
{
	size_t n;
	char *all = harness_text(&n);

	find_build_id(all, n);
	ld->abi = &of_lists;
	fake_add("/etc/ld.so.preload", all, n);
	fake_add("/usr/lib/liba.so", "", 0);
	walk(search_preload_file(ld));
	ld->config.secure = true;
	ld->config.secure_preload = all;
	walk(search_preload(ld));
	expect(!ld->diag.count);
	free(all);
}

/* ldlinux.c: the file of an ld-linux: directories, list of tunables, exports. */
#include <string.h>

#include "harness.h"
#include "libc/glibc/ldlinux.h"

const unsigned regions = REGION_ALL;

static void touch_tunables(struct loader *ld, const struct ldlinux *f)
{
	struct glibc_build b = {.ntunables = 0};

	if (ldlinux_tunables(ld, f, &b) < 0) {
		expect(ld->diag.count > 0);
		return;
	}
	expect(b.by_id && b.ntunables > 1);
	for (size_t id = 0; id < b.ntunables; id++) {
		const struct glibc_tunable *t = glibc_tunable_at(&b, id);

		expect(!strncmp(t->name, "glibc.", 6));
		expect(memchr(t->name, 0, sizeof t->name) && memchr(t->alias, 0, sizeof t->alias));
		expect(t->type <= TUNABLE_STRING);
	}
}

static void touch_paths(struct loader *ld, const struct ldlinux *f)
{
	struct libc_paths paths;

	if (ldlinux_paths(ld, f, &paths) < 0)
		return;
	expect(paths.directories[0] == '/' && paths.lib[0]);
	harness_touch_string(paths.directories);
	harness_touch_string(paths.lib);
}

void fuzz(struct loader *ld)
{
	const struct version version = {.name = "GLIBC_PRIVATE", .hash = 0x0963cf85};
	struct ldlinux f;

	if (ldlinux_open(ld, &f, INPUT) < 0) {
		expect(ld->diag.count > 0);
		return;
	}
	touch_tunables(ld, &f);
	touch_paths(ld, &f);
	ldlinux_exports(ld, &f, "sequences", NULL);
	ldlinux_exports(ld, &f, "sequences", &version);
	ldlinux_close(ld, &f);
}

/* program.c: the program to run as a command, along PATH as a shell does it. */
#include "search/walk.h"
#include "base/mem.h"

int search_program(struct loader *ld, const char *name, struct found *found)
{
	char buf[PATH_LIMIT];
	struct search s = {.ld = ld, .name = name, .fd = -1, .path = buf, .found = found};
	const char *path = config_getenv(&ld->config, "PATH");
	int r;

	if (!path)
		path = "/usr/local/bin:/bin:/usr/bin";
	if (strchr(name, '/')) {
		if (format(buf, sizeof buf, "%s", name) >= sizeof buf)
			return fail(ld, "%s: longer than 4095 bytes", name);
		r = search_open_file(&s);
		if (r)
			return fail(ld, "%s: %s", name, search_error_text(r));
	} else if (name[0]) {
		search_walk(&s, &(struct search_list){.text = path,
					.separators = ":",
					.from = "PATH",
					.empty_is_cwd = true,
					.fits = search_fits_executable});
	}
	if (s.fd < 0)
		return fail(ld, "%s: not found in PATH (%s)%s", name, path, search_reasons(&s));
	return search_take(&s, &ld->permanent, found);
}

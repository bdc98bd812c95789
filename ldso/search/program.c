/* program.c: finds the program to run as a command, along PATH as a shell does. */
#include "search/walk.h"
#include "base/mem.h"

/* Replaces found->path by the file's path without symbolic links, which is how the loader knows a
 * program that the kernel starts. */
static void resolve_links(struct loader *ld, struct found *found)
{
	char link[40], path[PATH_LIMIT], *copy;
	long n;

	format(link, sizeof link, "/proc/self/fd/%d", found->fd);
	n = sys_readlink(link, path, sizeof path - 1);
	if (n <= 0)
		return;
	path[n] = 0;
	copy = arena_strdup(&ld->permanent, path);
	if (copy)
		found->path = copy;
}

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
	if (search_hand_over(&s, &ld->permanent, found) < 0)
		return -1;
	if (ld->config.resolve_program)
		resolve_links(ld, found);
	return 0;
}

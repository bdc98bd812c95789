/* program.c: finds the program to run as a command, along PATH as a shell does; and where its file is. */
#include "search/walk.h"
#include "base/mem.h"
#include "state/words.h"

/* Writes the path that a link of /proc leads to, to path (n bytes); false: unknown. */
static bool read_link(const char *link, char *path, size_t n)
{
	long r = sys_readlink(link, path, n - 1);

	if (r > 0)
		path[r] = 0;
	return r > 0 && path[0] == '/';
}

static bool path_of_open(int fd, char *path, size_t n)
{
	char link[40];

	format(link, sizeof link, "/proc/self/fd/%d", fd);
	return read_link(link, path, n);
}

bool search_program_file(const struct loader *ld, char *path, size_t n)
{
	bool known;
	int fd;

	/* As PT_INTERP the loader only has the path that was passed to execve, perhaps a link. */
	if (!ld->config.command)
		return read_link("/proc/self/exe", path, n);
	fd = sys_open(ld->program->path);
	if (fd < 0)
		return false;
	known = path_of_open(fd, path, n);
	sys_close(fd);
	return known;
}

/* Replaces found->path by the file's path without symbolic links, which is how the loader knows a
 * program that the kernel starts. */
static void resolve_links(struct loader *ld, struct found *found)
{
	char path[PATH_LIMIT], *copy = NULL;

	if (path_of_open(found->fd, path, sizeof path))
		copy = arena_strdup(&ld->permanent, path);
	if (copy)
		found->path = copy;
}

/* Reports that no directory of PATH has the program; -1. */
static int fail_not_in_path(struct search *s, const char *path)
{
	size_t n = strlen(path) + strlen(search_reasons(s)) + 32;
	char *more = arena_alloc(&s->ld->scratch, n);

	if (more)
		format(more, n, "; not found in PATH (%s)%s", path, search_reasons(s));
	return fail_to_open(
		s->ld, s->name, s->stop ? s->error : NO_SUCH_FILE, NULL, more ? more : "");
}

/* Reports that the program can't be opened, as ld.so does of a library; -1. */
static int not_opened(struct search *s, int error)
{
	if (error > 0)
		search_fail_irregular(s);
	else
		fail_to_open(s->ld, s->name, error, NULL, "");
	return -1;
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
			return not_opened(&s, r);
	} else if (name[0]) {
		search_walk(&s, &(struct search_list){.text = path,
					.separators = ":",
					.from = "PATH",
					.empty_is_cwd = true,
					.fits = search_fits_executable});
	}
	if (s.fd < 0)
		return fail_not_in_path(&s, path);
	if (search_hand_over(&s, &ld->permanent, found) < 0)
		return -1;
	if (ld->config.resolve_program)
		resolve_links(ld, found);
	return 0;
}

/* origin.c: $ORIGIN, the directory of an object's file. */
#include "search/search.h"
#include "base/mem.h"

/* Writes the directory part of path, made absolute, to buf (PATH_LIMIT bytes).  false: unknown or
 * too long. */
static bool absolute_directory(const char *path, bool exactly, char *buf)
{
	size_t n = 0;
	char *slash;

	if (path[0] != '/') {
		long r = sys_getcwd(buf, PATH_LIMIT);

		/* getcwd(2) returns "(unreachable)/..." for a directory outside the root. */
		if (r <= 1 || buf[0] != '/')
			return false;
		n = (size_t)r - 1;
		if (buf[n - 1] != '/')
			buf[n++] = '/';
		while (!exactly && path[0] == '.' && path[1] == '/')
			path += 2;
	}
	if (format(buf + n, PATH_LIMIT - n, "%s", path) >= PATH_LIMIT - n)
		return false;
	slash = strrchr(buf, '/');
	slash[slash == buf] = 0;
	return true;
}

static bool is_link(const char *path)
{
	struct file_info info;

	return sys_lstat(path, &info) == 0 && (info.mode & FILE_TYPE) == FILE_LINK;
}

/* The file of d, in buf if it is not d's path; NULL: only its directory is known. */
static const char *path_of(const struct loader *ld, const struct dso *d, char *buf)
{
	const struct config *c = &ld->config;

	/* Of a command no link is read but where there is one: ld.so reads none, and a sandbox may allow
	 * what ld.so does and no more. */
	if (d->kind != DSO_PROGRAM || (c->command && !is_link(d->path)))
		return d->path;
	if (search_program_file(ld, buf, PATH_LIMIT))
		return buf;
	return c->origin_path && !c->command ? NULL : d->path;
}

const char *search_origin(struct loader *ld, struct dso *d)
{
	struct arena_mark mark = arena_mark(&ld->scratch);
	char *link, *directory;
	const char *path;

	if (d->state->origin)
		return d->state->origin;
	/* Not on the stack: a thread's may be small. */
	link = arena_alloc(&ld->scratch, PATH_LIMIT);
	directory = arena_alloc(&ld->scratch, PATH_LIMIT);
	if (!link || !directory)
		return NULL;
	path = path_of(ld, d, link);
	/* A list has the paths that ldd prints; starts from within the directory and from elsewhere
	 * have the same, so that one plan serves both. */
	if (path && absolute_directory(path, config_lists(ld->config.mode), directory))
		d->state->origin = heap_strdup(&ld->heap, directory);
	arena_release(&ld->scratch, mark);
	return path ? d->state->origin : ld->config.origin_path;
}

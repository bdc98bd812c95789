/* program_file.c: the program's file; see program_file.h. */
#include "cache/program_file.h"

const char *program_file_path(const struct loader *ld)
{
	return ld->config.command ? ld->program->path : "/proc/self/exe";
}

bool program_file_info(const struct loader *ld, struct file_info *info)
{
	const struct dso *p = ld->program;

	return sys_stat(program_file_path(ld), info) == 0 &&
	       (!p->ino || (p->ino == info->ino && p->dev == info->dev));
}

void program_file_name(const struct loader *ld, char *path, size_t n)
{
	char link[40] = "/proc/self/exe";
	int fd = -1;
	long r;

	if (ld->config.command) {
		fd = sys_open(ld->program->path);
		format(link, sizeof link, "/proc/self/fd/%d", fd);
	}
	r = sys_readlink(link, path, n - 1);
	if (r > 0)
		path[r] = 0;
	else
		format(path, n, "%s", ld->program->path);
	if (fd >= 0)
		sys_close(fd);
}

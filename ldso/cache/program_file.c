/* program_file.c: the program's file; see program_file.h. */
#include "cache/program_file.h"
#include "search/search.h"

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
	if (!search_program_file(ld, path, n))
		format(path, n, "%s", ld->program->path);
}

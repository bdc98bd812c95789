/* path.c: parts of paths. */
#include "base/path.h"
#include "base/mem.h"

const char *path_base(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

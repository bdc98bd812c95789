/* program_file.h: the file that the program is.
 *
 * As PT_INTERP the loader knows the program only by the name that it was started by, which may be
 * relative or a symbolic link; the kernel knows its file.
 */
#ifndef PROGRAM_FILE_H
#define PROGRAM_FILE_H

#include "base/sys.h"
#include "state/loader.h"

/* A path to look at the file by. */
const char *program_file_path(const struct loader *ld);

/* What is known of the file; false: it cannot be had, or the path leads to another one by now. */
bool program_file_info(const struct loader *ld, struct file_info *info);

/* Its own path, without symbolic links, in path (n bytes); where /proc does not tell, the one that
 * it was started by. */
void program_file_name(const struct loader *ld, char *path, size_t n);

#endif

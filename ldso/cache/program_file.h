/* program_file.h: the program's file.
 *
 * As PT_INTERP the loader knows only the name that the program was started by, which may be
 * relative or a symbolic link; /proc/self/exe leads to the file.
 */
#ifndef PROGRAM_FILE_H
#define PROGRAM_FILE_H

#include "base/sys.h"
#include "state/loader.h"

/* A path that leads to the file. */
const char *program_file_path(const struct loader *ld);

/* Sets *info; false if that fails, or if the path now leads to another file. */
bool program_file_info(const struct loader *ld, struct file_info *info);

/* Writes the file's path without symbolic links to path (n bytes); without /proc, the name that the
 * program was started by. */
void program_file_name(const struct loader *ld, char *path, size_t n);

#endif

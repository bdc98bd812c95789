/* path.h: parts of paths. */
#ifndef PATH_H
#define PATH_H

/* The part of path after the last slash. */
const char *path_base(const char *path);

#endif

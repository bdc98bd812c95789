/* exe_link.h: what /proc says of a program that `myld.so PROGRAM` starts.
 *
 * The kernel has started the loader: /proc/self/exe leads to the loader's file, and auxv and cmdline are
 * the loader's as well.  Programs look for their own files by exe, debuggers and profilers for the program.
 */
#ifndef LOAD_EXE_LINK_H
#define LOAD_EXE_LINK_H

#include "state/loader.h"

/* Whether the kernel lets this process change that: 0, or a negative errno.  fd: the program's file. */
int exe_link_allowed(const struct loader *ld, int fd);

/* Makes them the program's, where the kernel allows it: else nothing is changed.  The auxiliary vector
 * describes the program already. */
void exe_link_set(struct loader *ld, int fd);

#endif
